/** What happens to a token that is refused before its time: the feed, the purge and its name learn of it. */
export const REFUSALS: string = `
-- signed: when the signed text expires by itself, false when never.
local function add_to_feed(project, id, reason, from, signed)
  local entry = redis.call('XADD', root .. 'feed', '*',
    'project', project, 'id', id, 'reason', reason, 'from', from, 'signed', signed or '')
  if signed then redis.call('ZADD', root .. 'feed:ends', signed, entry) end
end

-- A token may be purged by the earliest of the times at which it ended.
local function ends_at(project, id, time)
  redis.call('ZADD', root .. 'ends', 'LT', time, place(project, id))
end

-- Last in a script, and its failure is none: a user without the right to the channel has its polls.
local function tell()
  redis.pcall('PUBLISH', root .. 'revocations', '')
end

local function revoke(project, id, at, token)
  redis.call('HSET', token_key(project, id), 'revoked', at)
  if token.unique and token.name then
    redis.call('HDEL', root .. 'names', held_name(project, token.subject, token.name))
  end
  ends_at(project, id, at)
  add_to_feed(project, id, 'revoked', at, token.signed)
end
`
