import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'

const DAYS = `
local function usage_key(project, day)
  return root .. 'usage:' .. part(project) .. day
end
`

/**
 * ARGV: project, day, whose (application, subject and token as one text), calls and credits of each entry. Counts
 * stop at what a JavaScript number can hold.
 */
export const ADD_USAGE: Script = createScript(
  'grows',
  KEY_NAMES,
  DAYS,
  `
local function add(count, more)
  return whole(math.min(${Number.MAX_SAFE_INTEGER}, tonumber(count) + tonumber(more)))
end

for i = 1, #ARGV, 5 do
  local project, day, whose = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local key = usage_key(project, day)
  local calls, credits = (redis.call('HGET', key, whose) or '0 0'):match('^(%d+) (%d+)$')
  redis.call('HSET', key, whose, add(calls, ARGV[i + 3]) .. ' ' .. add(credits, ARGV[i + 4]))
  add_project(project)
  redis.call('ZADD', list_key('days', project, ''), 0, day)
end
`,
)

/** ARGV: project, first and last day. @returns the days between them that have usage */
export const USAGE_DAYS: Script = createScript(
  'always',
  KEY_NAMES,
  `
return redis.call('ZRANGEBYLEX', list_key('days', ARGV[1], ''), '[' .. ARGV[2], '[' .. ARGV[3])
`,
)

/** ARGV: project, day. Removes the first day that is earlier. @returns whether there was one, 1 or 0 */
export const PURGE_USAGE: Script = createScript(
  'always',
  KEY_NAMES,
  DAYS,
  `
local days = list_key('days', ARGV[1], '')
local day = redis.call('ZRANGEBYLEX', days, '-', '(' .. ARGV[2], 'LIMIT', 0, 1)[1]
if not day then return 0 end
-- Its memory is given back later, by another thread.
redis.call('UNLINK', usage_key(ARGV[1], day))
redis.call('ZREM', days, day)
return 1
`,
)

/** ARGV: project, day, cursor, about how many. @returns cursor ('0' at the end), then whose and counts by turns */
export const USAGE_STEP: Script = createScript(
  'always',
  KEY_NAMES,
  DAYS,
  `
return redis.call('HSCAN', usage_key(ARGV[1], ARGV[2]), ARGV[3], 'COUNT', ARGV[4])
`,
)
