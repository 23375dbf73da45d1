import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'

/** ARGV: time, how many. Removes tokens that ended before then, and every trace of them. @returns how many */
export const PURGE_TOKENS: Script = createScript(
  'always',
  KEY_NAMES,
  `
local places = redis.call('ZRANGEBYSCORE', root .. 'ends', '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, ended in ipairs(places) do
  local project, id = split_place(ended)
  local key = token_key(project, id)
  local subject, application, name, signer, unique, revoked, once = unpack(
    redis.call('HMGET', key, 'subject', 'application', 'name', 'key', 'unique', 'revoked', 'once'))
  redis.call('DEL', key)
  redis.call('ZREM', root .. 'ends', ended)
  redis.call('ZREM', list_key('tokens', project, ''), id)
  -- Not there only where a server was accepted that may evict keys.
  if subject then
    redis.call('ZREM', list_key('subject', project, subject), id)
    redis.call('ZREM', list_key('application', project, application), id)
    if name then redis.call('ZREM', list_key('name', project, name), id) end
    if name and unique and not revoked then
      redis.call('HDEL', root .. 'names', held_name(project, subject, name))
    end
    if once then redis.call('HDEL', root .. 'once', once) end
    if redis.call('HINCRBY', root .. 'signed', place(project, signer), -1) <= 0 then
      redis.call('HDEL', root .. 'signed', place(project, signer))
    end
  end
end
return #places
`,
)

/** ARGV: time, how many. @returns how many receipts from before then were removed */
export const PURGE_RECEIPTS: Script = createScript(
  'always',
  KEY_NAMES,
  `
local times = root .. 'receipts:times'
local receipts = redis.call('ZRANGEBYSCORE', times, '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
if #receipts > 0 then
  redis.call('HDEL', root .. 'receipts', unpack(receipts))
  redis.call('ZREM', times, unpack(receipts))
end
return #receipts
`,
)

/** ARGV: time, how many. @returns how many entries whose signed text expired before then were removed */
export const PURGE_FEED: Script = createScript(
  'always',
  KEY_NAMES,
  `
local ends = root .. 'feed:ends'
local entries = redis.call('ZRANGEBYSCORE', ends, '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
if #entries > 0 then
  redis.call('XDEL', root .. 'feed', unpack(entries))
  redis.call('ZREM', ends, unpack(entries))
end
return #entries
`,
)

/** ARGV: name, holder, at, until. @returns whether the holder has it, 1 or 0 */
export const LEASE: Script = createScript(
  'always',
  KEY_NAMES,
  `
local held = redis.call('HGET', root .. 'leases', ARGV[1])
if held then
  local holder, ends = unpack(cmsgpack.unpack(held))
  if holder ~= ARGV[2] and tonumber(ends) > tonumber(ARGV[3]) then return 0 end
end
redis.call('HSET', root .. 'leases', ARGV[1], cmsgpack.pack({ ARGV[2], ARGV[4] }))
return 1
`,
)
