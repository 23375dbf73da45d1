import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'

const VERSIONS = `
local function version_of(project, profile, version)
  return part(project) .. part(profile) .. version
end
`

/** ARGV: id, project, profile, version, then fields and values. @returns 1 · 0 when the version is there · 'id_taken' */
export const INSERT_KEY: Script = createScript(
  'grows',
  KEY_NAMES,
  VERSIONS,
  `
local id, version = ARGV[1], version_of(ARGV[2], ARGV[3], ARGV[4])
if redis.call('HEXISTS', root .. 'versions', version) == 1 then return 0 end
if redis.call('SISMEMBER', root .. 'keys', id) == 1 then return 'id_taken' end
redis.call('HSET', root .. 'versions', version, id)
redis.call('SADD', root .. 'keys', id)
redis.call('HSET', root .. 'key:' .. id, 'project', ARGV[2], 'profile', ARGV[3], 'version', ARGV[4], unpack(ARGV, 5))
return 1
`,
)

/** @returns id and fields of each key */
export const READ_KEYS: Script = createScript(
  'always',
  KEY_NAMES,
  `
local keys = {}
for _, id in ipairs(redis.call('SMEMBERS', root .. 'keys')) do
  table.insert(keys, { id, redis.call('HGETALL', root .. 'key:' .. id) })
end
return keys
`,
)

/** ARGV: id, sealed text. */
export const RESEAL_KEY: Script = createScript(
  'always',
  KEY_NAMES,
  `
if redis.call('SISMEMBER', root .. 'keys', ARGV[1]) == 1 then
  redis.call('HSET', root .. 'key:' .. ARGV[1], 'sealed', ARGV[2])
end
`,
)

/** ARGV: project, id. @returns whether it was removed, 1 or 0 */
export const DELETE_UNUSED_KEY: Script = createScript(
  'always',
  KEY_NAMES,
  VERSIONS,
  `
local key = root .. 'key:' .. ARGV[2]
local project, profile, version = unpack(redis.call('HMGET', key, 'project', 'profile', 'version'))
if project ~= ARGV[1] then return 0 end
if redis.call('HEXISTS', root .. 'signed', place(project, ARGV[2])) == 1 then return 0 end
redis.call('HDEL', root .. 'versions', version_of(project, profile, version))
redis.call('SREM', root .. 'keys', ARGV[2])
redis.call('DEL', key)
return 1
`,
)
