const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
/** A token; also with the colon of `1.2.3.4:80`, which proxies are known to leave without quotes. */
const PLAIN_VALUE = /[!#$%&'*+\-.^_`|~0-9A-Za-z:]+/y
const QUOTED_VALUE = /"((?:[\t !#-[\]-~]|\\[\t -~])*)"/y
const ELEMENT_END = /[ \t]*(?:,[ \t]*|$)/y
const PORT = /^(?:\d{1,5}|_[A-Za-z0-9._-]+)$/

/**
 * The `for` value of each element of one `Forwarded` header line, in order; null where an element has none.
 * Gives null for a line that breaks the grammar anywhere, since nobody can then say where an element begins.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-4
 */
export function parseForwardedFor(line: string): readonly (string | null)[] | null {
  const found: (string | null)[] = []
  const seen = new Set<string>()
  let at = /^[ \t]*/.exec(line)?.[0].length ?? 0
  let value: string | null = null
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(line)
    if (match !== null) at += match[0].length
    return match
  }
  for (;;) {
    const name = take(TOKEN)?.[0].toLowerCase()
    if (name === undefined || seen.has(name) || line[at] !== '=') return null
    seen.add(name)
    at++
    const text = take(PLAIN_VALUE)?.[0] ?? take(QUOTED_VALUE)?.[1]?.replace(/\\(.)/g, '$1')
    if (text === undefined) return null
    if (name === 'for') value = text
    if (line[at] === ';') {
      at++
      continue
    }
    const end = take(ELEMENT_END)
    if (end === null) return null
    found.push(value)
    if (!end[0].includes(',')) return found
    value = null
    seen.clear()
  }
}

/**
 * The address in a `for` value: `1.2.3.4`, `1.2.3.4:80`, `[2001:db8::1]` or `[2001:db8::1]:443`, without port and
 * brackets. Null for `unknown`, a hidden name (`_gazonk`) and all else. What is returned is not checked further.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-6
 */
export function toForwardedAddress(node: string): string | null {
  const bracket = node.startsWith('[')
  const end = bracket ? node.indexOf(']') + 1 : node.indexOf(':')
  if (bracket && end === 0) return null
  const name = end === -1 ? node : node.slice(0, end)
  const rest = end === -1 ? '' : node.slice(end)
  if (rest !== '' && !(rest.startsWith(':') && isPort(rest.slice(1)))) return null
  if (!bracket) return name
  const address = name.slice(1, -1)
  return address.includes(':') ? address : null
}

function isPort(text: string): boolean {
  return PORT.test(text) && (text.startsWith('_') || Number(text) <= 65_535)
}
