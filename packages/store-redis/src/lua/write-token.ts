/** How a token is put in, for the scripts that do: `to_token` and `held_by` write nothing. */
export const WRITE_TOKEN: string = `
-- From field and value by turns, at these places of a list.
local function to_token(project, id, list, first, last)
  local token = { project = project, id = id, fields = {} }
  for i = first, last, 2 do
    token[list[i]] = list[i + 1]
    table.insert(token.fields, list[i])
    table.insert(token.fields, list[i + 1])
  end
  return token
end

-- The name that a token keeps from others, false when it keeps none.
local function held_by(token, unique)
  return unique and token.name and not token.revoked and held_name(token.project, token.subject, token.name)
end

-- once: the idempotency key, '' = none.
local function write_token(token, unique, once, request)
  local project, id = token.project, token.id
  local key = token_key(project, id)
  add_project(project)
  redis.call('HSET', key, unpack(token.fields))
  redis.call('ZADD', list_key('tokens', project, ''), 0, id)
  redis.call('ZADD', list_key('subject', project, token.subject), 0, id)
  redis.call('ZADD', list_key('application', project, token.application), 0, id)
  if token.name then redis.call('ZADD', list_key('name', project, token.name), 0, id) end
  if token.holds then redis.call('HSET', root .. 'names', token.holds, id) end
  if unique then redis.call('HSET', key, 'unique', '1') end
  if once ~= '' then
    redis.call('HSET', key, 'once', once)
    redis.call('HSET', root .. 'once', once, cmsgpack.pack({ project, id, request }))
  end
  for _, time in ipairs({ token.expires or false, token.revoked or false }) do
    if time then redis.call('ZADD', root .. 'ends', 'LT', time, place(project, id)) end
  end
  redis.call('HINCRBY', root .. 'signed', place(project, token.key), 1)
end
`
