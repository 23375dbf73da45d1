/** The fields of a token, in the order in which scripts answer them. */
export const TOKEN_FIELDS = [
  'body',
  'subject',
  'name',
  'application',
  'key',
  'expires',
  'signed',
  'limit',
  'left',
  'used',
  'revoked',
] as const

/** Enough to find a token: on every request, so it is kept short. */
export const TOKEN_NAMES: string = `
local root = KEYS[1]

-- A text behind its length in bytes: however texts are put together, they can be told apart.
local function part(text)
  return #text .. ':' .. text
end

local function token_key(project, id)
  return root .. 'token:' .. part(project) .. id
end

-- Nothing where a field is not set; no body where there is no token.
local function token_values(project, id)
  return redis.call('HMGET', token_key(project, id), ${TOKEN_FIELDS.map((field) => `'${field}'`).join(', ')})
end
`

/**
 * Names of keys, fields and members. KEYS[1] is what all keys begin with, hash tag included, so all are in its slot.
 *
 * projects  (sorted set by name) · token:…  a token (hash) · tokens: subject: application: name:…  its lists (sorted
 * sets by id) · names  held names · once  idempotency keys · signed  tokens by signing key · ends  when tokens end ·
 * feed, feed:ends  revocations · receipts, receipts:times · pool:…, pools:… · usage:…, days:… · keys, key:…,
 * versions · leases · schema; channel: revocations
 */
export const KEY_NAMES: string = `${TOKEN_NAMES}
local function list_key(facet, project, value)
  return root .. facet .. ':' .. part(project) .. value
end

local function pool_key(project, name)
  return root .. 'pool:' .. part(project) .. name
end

local function held_name(project, subject, name)
  return part(project) .. part(subject) .. name
end

-- Where something belongs: a project, and an id within it.
local function place(project, id)
  return part(project) .. id
end

local function split_place(text)
  local length, start = text:match('^(%d+):()')
  return text:sub(start, start + length - 1), text:sub(start + length)
end

-- So that all there is can be walked, project by project.
local function add_project(project)
  redis.call('ZADD', root .. 'projects', 0, project)
end

-- Lua's own way of writing a number would round one of 16 digits.
local function whole(number)
  return string.format('%.0f', number)
end
`
