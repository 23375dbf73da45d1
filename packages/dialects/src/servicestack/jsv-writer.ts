import type { JsonValue } from '@hallpass/core'

/** What ends an unquoted text or begins something else. */
const NEEDS_QUOTES = /[":,{}[\]\r\n]/

/**
 * A value as JSV. Members that are null are left out, `true` is `True`; a text is quoted where it would otherwise be
 * read back as something else.
 * @see https://docs.servicestack.net/jsv-format
 */
export function writeJsv(value: JsonValue): string {
  if (typeof value === 'string') return writeText(value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (value === null) return ''
  if (isList(value)) return `[${value.map(writeJsv).join(',')}]`
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return `{${members.map(([key, member]) => `${writeText(key)}:${writeJsv(member)}`).join(',')}}`
}

function writeText(text: string): string {
  if (text !== '' && text.trim() === text && !NEEDS_QUOTES.test(text)) return text
  return `"${text.replaceAll('"', '""')}"`
}

/** Unlike `Array.isArray`, it knows readonly arrays. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
