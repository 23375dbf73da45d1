import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'
import { REFUSALS } from './refusals.ts'
import { WRITE_TOKEN } from './write-token.ts'

/** ARGV: where to begin, as ZRANGEBYLEX wants it. @returns the next project, nil when there is none */
export const NEXT_PROJECT: Script = createScript(
  'always',
  KEY_NAMES,
  `
return redis.call('ZRANGEBYLEX', root .. 'projects', ARGV[1], '+', 'LIMIT', 0, 1)[1]
`,
)

/**
 * ARGV: project, where to begin, how many ids.
 * @returns of each token: id, values, '1' when its name is held, idempotency key and hash of its request
 */
export const EXPORT_TOKENS: Script = createScript(
  'always',
  KEY_NAMES,
  `
local project, answer = ARGV[1], {}
for _, id in ipairs(redis.call('ZRANGEBYLEX', list_key('tokens', project, ''), ARGV[2], '+', 'LIMIT', 0, ARGV[3])) do
  local unique, once = unpack(redis.call('HMGET', token_key(project, id), 'unique', 'once'))
  local known = once and redis.call('HGET', root .. 'once', once)
  local request = known and cmsgpack.unpack(known)[3]
  table.insert(answer, { id, token_values(project, id), unique, once, request })
end
return answer
`,
)

/** ARGV: project, where to begin, how many. @returns name, limit and what remains of each pool */
export const EXPORT_POOLS: Script = createScript(
  'always',
  KEY_NAMES,
  `
local project, answer = ARGV[1], {}
for _, name in ipairs(redis.call('ZRANGEBYLEX', list_key('pools', project, ''), ARGV[2], '+', 'LIMIT', 0, ARGV[3])) do
  table.insert(answer, { name, unpack(redis.call('HMGET', pool_key(project, name), 'limit', 'left')) })
end
return answer
`,
)

/** ARGV: project, where to begin. @returns the next day with usage, nil when there is none */
export const NEXT_DAY: Script = createScript(
  'always',
  KEY_NAMES,
  `
return redis.call('ZRANGEBYLEX', list_key('days', ARGV[1], ''), ARGV[2], '+', 'LIMIT', 0, 1)[1]
`,
)

/** ARGV: place of the first, how many. @returns receipt, at, amount, 'refunded' or '', counters, remaining of each */
export const EXPORT_RECEIPTS: Script = createScript(
  'always',
  KEY_NAMES,
  `
local first = tonumber(ARGV[1])
local found = redis.call('ZRANGE', root .. 'receipts:times', first, first + ARGV[2] - 1, 'WITHSCORES')
local answer = {}
for i = 1, #found, 2 do
  local known = redis.call('HGET', root .. 'receipts', found[i])
  table.insert(answer, { found[i], whole(tonumber(found[i + 1])), unpack(cmsgpack.unpack(known)) })
end
return answer
`,
)

/**
 * ARGV, for each row: its kind, how many values, and those.
 * token: project, id, '1' or '', idempotency key or '', hash of its request, then field and value by turns ·
 * pool: project, name, limit, what remains · usage: project, day, whose, calls, credits ·
 * receipt: receipt, at, amount, 'refunded' or '', then kind, project, name and what remained of each counter
 * @returns 'imported' · 'name_taken' · 'once_taken'
 */
export const IMPORT_ROWS: Script = createScript(
  'grows',
  KEY_NAMES,
  WRITE_TOKEN,
  `
local writes = {}

function writes.pool(row)
  local key = pool_key(row[1], row[2])
  if redis.call('EXISTS', key) == 1 then return end
  add_project(row[1])
  redis.call('ZADD', list_key('pools', row[1], ''), 0, row[2])
  redis.call('HSET', key, 'limit', row[3], 'left', row[4])
end

function writes.usage(row)
  local added = redis.call('HSETNX', root .. 'usage:' .. part(row[1]) .. row[2], row[3], row[4] .. ' ' .. row[5])
  if added == 0 then return end
  add_project(row[1])
  redis.call('ZADD', list_key('days', row[1], ''), 0, row[2])
end

function writes.receipt(row)
  local counters, remaining = {}, {}
  for i = 5, #row, 4 do
    table.insert(counters, { row[i], row[i + 1], row[i + 2] })
    table.insert(remaining, row[i + 3])
  end
  local packed = cmsgpack.pack({ row[3], row[4], counters, remaining })
  if redis.call('HSETNX', root .. 'receipts', row[1], packed) == 1 then
    redis.call('ZADD', root .. 'receipts:times', row[2], row[1])
  end
end

function writes.token(row)
  write_token(row.token, row[3] == '1', row[4], row[5])
end

local rows, seen, names, at = {}, {}, {}, 1
while at <= #ARGV do
  local last = at + 1 + tonumber(ARGV[at + 1])
  local row = { kind = ARGV[at], unpack(ARGV, at + 2, last) }
  at = last + 1
  local wanted = true
  if row.kind == 'token' then
    local token = to_token(row[1], row[2], row, 6, #row)
    local key = token_key(row[1], row[2])
    wanted = not seen[key] and redis.call('EXISTS', key) == 0
    if wanted then
      seen[key] = true
      token.holds = held_by(token, row[3] == '1')
      if token.holds and (names[token.holds] or redis.call('HEXISTS', root .. 'names', token.holds) == 1) then
        return 'name_taken'
      end
      if token.holds then names[token.holds] = true end
      if row[4] ~= '' and redis.call('HEXISTS', root .. 'once', row[4]) == 1 then return 'once_taken' end
      row.token = token
    end
  end
  if wanted then table.insert(rows, row) end
end

-- Nothing is written before this line, and nothing is refused after it.
for _, row in ipairs(rows) do writes[row.kind](row) end
return 'imported'
`,
)

/** ARGV: project, id, reason, refused from, when the signed text expires or '', of each entry. */
export const IMPORT_REVOCATIONS: Script = createScript(
  'grows',
  KEY_NAMES,
  REFUSALS,
  `
for i = 1, #ARGV, 5 do
  local signed = ARGV[i + 4]
  add_to_feed(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], signed ~= '' and signed)
end
tell()
`,
)
