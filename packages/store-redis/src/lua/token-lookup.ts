import { createScript, type Script } from '../script.ts'
import { KEY_NAMES, TOKEN_NAMES } from './key-names.ts'

/** ARGV: project, id. @returns the values of `TOKEN_FIELDS` */
export const FIND: Script = createScript(
  'always',
  TOKEN_NAMES,
  `
return token_values(ARGV[1], ARGV[2])
`,
)

/**
 * One step of a list, newest first. ARGV: project, id to go on from or '', limit, how many ids to look at, then
 * facets and their values. The shortest list is walked, the others are asked for each id.
 * @returns the id to go on from, '' at the end; then id and values of each token
 */
export const LIST: Script = createScript(
  'always',
  KEY_NAMES,
  `
local project, after, limit, looks = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local walked, others, shortest = list_key('tokens', project, ''), {}, nil
for i = 5, #ARGV, 2 do
  local list = list_key(ARGV[i], project, ARGV[i + 1])
  local length = redis.call('ZCARD', list)
  if shortest == nil then
    walked, shortest = list, length
  elseif length < shortest then
    table.insert(others, walked)
    walked, shortest = list, length
  else
    table.insert(others, list)
  end
end
if #others == 0 then looks = limit end

local function passes(id)
  for _, list in ipairs(others) do
    if not redis.call('ZSCORE', list, id) then return false end
  end
  return true
end

local from = after == '' and '+' or '(' .. after
local ids = redis.call('ZREVRANGEBYLEX', walked, from, '-', 'LIMIT', 0, looks)
local answer, found = { '' }, 0
for index, id in ipairs(ids) do
  local values = passes(id) and token_values(project, id)
  if values and values[1] then
    table.insert(answer, { id, values })
    found = found + 1
  end
  if found == limit or index == looks then
    answer[1] = id
    break
  end
end
return answer
`,
)
