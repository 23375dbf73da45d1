import { createScript, type Script } from '../script.ts'
import { KEY_NAMES } from './key-names.ts'
import { WRITE_TOKEN } from './write-token.ts'

/**
 * ARGV: '1' for unique names or '', idempotency key or '', hash of its request, then for each token: project, id,
 * how many fields, and each field with its value.
 * @returns 'inserted' · 'name_taken', name · 'id_taken' · 'exists', project, id, hash of the request, values
 */
export const INSERT: Script = createScript(
  'grows',
  KEY_NAMES,
  WRITE_TOKEN,
  `
local unique, once, request = ARGV[1] == '1', ARGV[2], ARGV[3]

if once ~= '' then
  local known = redis.call('HGET', root .. 'once', once)
  if known then
    local project, id, first_request = unpack(cmsgpack.unpack(known))
    local values = token_values(project, id)
    if values[1] then return { 'exists', project, id, first_request, values } end
  end
end

local tokens, ids, names, at = {}, {}, {}, 4
while at <= #ARGV do
  local last = at + 2 + 2 * tonumber(ARGV[at + 2])
  local token = to_token(ARGV[at], ARGV[at + 1], ARGV, at + 3, last)
  at = last + 1

  local key = token_key(token.project, token.id)
  if ids[key] or redis.call('EXISTS', key) == 1 then return { 'id_taken' } end
  ids[key] = true
  token.holds = held_by(token, unique)
  if token.holds then
    if names[token.holds] or redis.call('HEXISTS', root .. 'names', token.holds) == 1 then
      return { 'name_taken', token.name }
    end
    names[token.holds] = true
  end
  table.insert(tokens, token)
end

-- Nothing is written before this line, and nothing is refused after it.
for _, token in ipairs(tokens) do write_token(token, unique, once, request) end
return { 'inserted' }
`,
)
