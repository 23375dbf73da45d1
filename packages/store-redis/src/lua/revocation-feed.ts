import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'

/**
 * ARGV: cursor, how many. The server never gives out an entry id below an earlier one.
 * @returns nil when the cursor is beyond the end of the feed; else stream entries behind it, oldest first
 */
export const READ_FEED: Script = createScript(
  'always',
  KEY_NAMES,
  `
local feed, cursor = root .. 'feed', ARGV[1]
if cursor ~= '0-0' then
  local last = '0-0'
  if redis.call('EXISTS', feed) == 1 then
    local facts = redis.call('XINFO', 'STREAM', feed)
    for i = 1, #facts, 2 do if facts[i] == 'last-generated-id' then last = facts[i + 1] end end
  end
  local time, sequence = cursor:match('^(%d+)-(%d+)$')
  local last_time, last_sequence = last:match('^(%d+)-(%d+)$')
  local ahead = tonumber(time) - tonumber(last_time)
  if ahead == 0 then ahead = tonumber(sequence) - tonumber(last_sequence) end
  if ahead > 0 then return nil end
end
return redis.call('XRANGE', feed, '(' .. cursor, '+', 'COUNT', ARGV[2])
`,
)
