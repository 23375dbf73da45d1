import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'
import { REFUSALS } from './refusals.ts'

/** Reads what a refusal needs to know of a token; nil when there is no such token. */
const READ_TOKEN = `
local function read_token(project, id)
  local values = redis.call('HMGET', token_key(project, id),
    'subject', 'name', 'unique', 'revoked', 'expires', 'signed', 'limit', 'left')
  if not values[1] then return nil end
  return {
    subject = values[1], name = values[2], unique = values[3], revoked = values[4], expires = values[5],
    signed = values[6], limit = tonumber(values[7]), left = tonumber(values[8])
  }
end
`

/**
 * `applyChange` of @hallpass/core. ARGV: project, id, at, name ('' = as it is, '-' = none, '=' and the name),
 * credits to add or '', expiry or '', the highest credit limit or ''.
 * @returns the outcome; after 'updated' the token's values
 */
export const UPDATE: Script = createScript(
  'grows',
  KEY_NAMES,
  REFUSALS,
  READ_TOKEN,
  `
local project, id, at = ARGV[1], ARGV[2], tonumber(ARGV[3])
local added, expires, most = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])
local token = read_token(project, id)
if not token then return { 'not_found' } end
if token.revoked then return { 'inactive' } end
if token.expires and tonumber(token.expires) <= at then return { 'inactive' } end

if added then
  local limit = (token.limit or 0) + added
  if most and limit > most then return { 'credit_limit_exceeded' } end
  if not token.limit then return { 'not_metered' } end
  if limit > ${Number.MAX_SAFE_INTEGER} then return { 'credits_overflow' } end
end
if expires ~= '' and token.expires and tonumber(expires) > tonumber(token.expires) then
  return { 'not_earlier' }
end

local name = token.name
if ARGV[4] == '-' then name = false end
if ARGV[4]:sub(1, 1) == '=' then name = ARGV[4]:sub(2) end
local renamed = name ~= token.name
if renamed and name and token.unique
  and redis.call('HEXISTS', root .. 'names', held_name(project, token.subject, name)) == 1 then
  return { 'name_taken' }
end

local key = token_key(project, id)
if renamed and token.name then
  redis.call('HDEL', key, 'name')
  redis.call('ZREM', list_key('name', project, token.name), id)
  if token.unique then redis.call('HDEL', root .. 'names', held_name(project, token.subject, token.name)) end
end
if renamed and name then
  redis.call('HSET', key, 'name', name)
  redis.call('ZADD', list_key('name', project, name), 0, id)
  if token.unique then redis.call('HSET', root .. 'names', held_name(project, token.subject, name), id) end
end
if added then
  redis.call('HSET', key, 'limit', whole(token.limit + added), 'left', whole(token.left + added))
end
if expires ~= '' and expires ~= token.expires then
  redis.call('HSET', key, 'expires', expires)
  ends_at(project, id, expires)
  add_to_feed(project, id, 'expired', expires, token.signed)
  tell()
end
return { 'updated', token_values(project, id) }
`,
)

/** ARGV: project, id, at. @returns the token's values */
export const REVOKE: Script = createScript(
  'always',
  KEY_NAMES,
  REFUSALS,
  READ_TOKEN,
  `
local project, id, at = ARGV[1], ARGV[2], ARGV[3]
local token = read_token(project, id)
if token and not token.revoked then
  revoke(project, id, at, token)
  tell()
end
return token_values(project, id)
`,
)

/** ARGV: project, subject ('-' = any, '=' and the subject). @returns the last id, nil when there is none */
export const FIND_LAST: Script = createScript(
  'always',
  KEY_NAMES,
  `
local list = list_key('tokens', ARGV[1], '')
if ARGV[2] ~= '-' then list = list_key('subject', ARGV[1], ARGV[2]:sub(2)) end
return redis.call('ZREVRANGEBYLEX', list, '+', '-', 'LIMIT', 0, 1)[1]
`,
)

/**
 * One step of `revokeAll`. ARGV: project, subject as above, at, the id behind which to begin, the last id, how many
 * to look at, by when a token has expired.
 * @returns the id to go on from, nil at the end; how many were revoked
 */
export const REVOKE_STEP: Script = createScript(
  'always',
  KEY_NAMES,
  REFUSALS,
  READ_TOKEN,
  `
local project, at = ARGV[1], ARGV[3]
local list = list_key('tokens', project, '')
if ARGV[2] ~= '-' then list = list_key('subject', project, ARGV[2]:sub(2)) end
local from = ARGV[4] == '' and '-' or '(' .. ARGV[4]
local ids = redis.call('ZRANGEBYLEX', list, from, '[' .. ARGV[5], 'LIMIT', 0, ARGV[6])
local revoked = 0
for _, id in ipairs(ids) do
  local token = read_token(project, id)
  local over = token and token.expires and tonumber(token.expires) <= tonumber(ARGV[7])
  if token and not token.revoked and not over then
    revoke(project, id, at, token)
    revoked = revoked + 1
  end
end
if revoked > 0 then tell() end
return { ids[#ids] or false, revoked }
`,
)

/** ARGV: project, id and time of each. */
export const TOUCH: Script = createScript(
  'grows',
  KEY_NAMES,
  `
for i = 1, #ARGV, 3 do
  local key = token_key(ARGV[i], ARGV[i + 1])
  local subject, used = unpack(redis.call('HMGET', key, 'subject', 'used'))
  if subject and (not used or tonumber(used) < tonumber(ARGV[i + 2])) then
    redis.call('HSET', key, 'used', ARGV[i + 2])
  end
end
`,
)
