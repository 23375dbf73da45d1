import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'

/** Credits are kept as texts and counted as doubles, which are exact up to 2^53. */
const COUNTERS = `
local function counter_key(kind, project, name)
  if kind == 'pool' then return pool_key(project, name) end
  return token_key(project, name)
end
`

/**
 * ARGV: receipt, amount, at, then kind ('token' or 'pool'), project and name of each counter.
 * @returns 'spent', what is left of each · 'refused', which, why, what it holds
 */
export const SPEND: Script = createScript(
  'grows',
  KEY_NAMES,
  COUNTERS,
  `
local receipt, amount, at = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HGET', root .. 'receipts', receipt)
if known then
  local left = cmsgpack.unpack(known)[4]
  if #left == 0 then return { 'refused', 0, 'cancelled', '0' } end
  return { 'spent', left }
end

local keys, counters, remaining = {}, {}, {}
for i = 4, #ARGV, 3 do
  local key = counter_key(ARGV[i], ARGV[i + 1], ARGV[i + 2])
  local left, revoked, expires = unpack(redis.call('HMGET', key, 'left', 'revoked', 'expires'))
  local reason
  if revoked then reason = 'revoked'
  elseif expires and tonumber(expires) <= at then reason = 'expired'
  elseif not left then reason = 'unknown'
  elseif tonumber(left) < amount then reason = 'empty' end
  if reason then return { 'refused', #keys, reason, left or '0' } end
  table.insert(keys, key)
  table.insert(counters, { ARGV[i], ARGV[i + 1], ARGV[i + 2] })
  table.insert(remaining, whole(tonumber(left) - amount))
end

for index, key in ipairs(keys) do redis.call('HSET', key, 'left', remaining[index]) end
redis.call('HSET', root .. 'receipts', receipt, cmsgpack.pack({ ARGV[2], '', counters, remaining }))
redis.call('ZADD', root .. 'receipts:times', ARGV[3], receipt)
return { 'spent', remaining }
`,
)

/** ARGV: receipt, at. @returns 'refunded' · 'already_refunded' · 'unknown', and then it is cancelled */
export const REFUND: Script = createScript(
  'always',
  KEY_NAMES,
  COUNTERS,
  `
local known = redis.call('HGET', root .. 'receipts', ARGV[1])
if not known then
  redis.call('HSET', root .. 'receipts', ARGV[1], cmsgpack.pack({ '0', 'refunded', {}, {} }))
  redis.call('ZADD', root .. 'receipts:times', ARGV[2], ARGV[1])
  return 'unknown'
end
local amount, refunded, counters, remaining = unpack(cmsgpack.unpack(known))
if refunded ~= '' then return 'already_refunded' end

for _, counter in ipairs(counters) do
  local key = counter_key(unpack(counter))
  local limit, left = unpack(redis.call('HMGET', key, 'limit', 'left'))
  -- What is gone or not metered any more gets nothing.
  if left then
    redis.call('HSET', key, 'left', whole(math.min(tonumber(limit), tonumber(left) + tonumber(amount))))
  end
end
redis.call('HSET', root .. 'receipts', ARGV[1], cmsgpack.pack({ amount, 'refunded', counters, remaining }))
return 'refunded'
`,
)

/** ARGV: project, name, limit, what remains. @returns 1, 0 when there is one */
export const CREATE_POOL: Script = createScript(
  'grows',
  KEY_NAMES,
  `
local key = pool_key(ARGV[1], ARGV[2])
if redis.call('EXISTS', key) == 1 then return 0 end
add_project(ARGV[1])
redis.call('ZADD', list_key('pools', ARGV[1], ''), 0, ARGV[2])
redis.call('HSET', key, 'limit', ARGV[3], 'left', ARGV[4])
return 1
`,
)

/** ARGV: project, name. @returns limit and what remains, nil when there is no such pool */
export const FIND_POOL: Script = createScript(
  'always',
  KEY_NAMES,
  `
local pool = redis.call('HMGET', pool_key(ARGV[1], ARGV[2]), 'limit', 'left')
return pool[1] and pool
`,
)

/** ARGV: project, name, amount. @returns limit and what remains · 'overflow' · nil when there is no such pool */
export const ADD_POOL_CREDITS: Script = createScript(
  'grows',
  KEY_NAMES,
  `
local key, amount = pool_key(ARGV[1], ARGV[2]), tonumber(ARGV[3])
local limit, left = unpack(redis.call('HMGET', key, 'limit', 'left'))
if not limit then return nil end
if tonumber(limit) + amount > ${Number.MAX_SAFE_INTEGER} then return 'overflow' end
local grown = { whole(tonumber(limit) + amount), whole(tonumber(left) + amount) }
redis.call('HSET', key, 'limit', grown[1], 'left', grown[2])
return grown
`,
)
