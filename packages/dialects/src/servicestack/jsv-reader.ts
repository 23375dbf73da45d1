import { RouteError } from '@hallpass/http'

/** JSV has texts only: what is a number or a date, the reader of a field decides. */
export type JsvValue = string | readonly JsvValue[] | JsvObject
export type JsvObject = { readonly [key: string]: JsvValue }

/**
 * The value of a JSV text: an object `{k:v}`, a list `[a,b]`, or a text. Blanks around keys and unquoted texts are
 * dropped. Takes linear time.
 * @param maxDepth a text has depth 0, `{}` and `[]` have depth 1
 * @throws RouteError `invalid_request` for what is not JSV, holds a key twice in one object, or is nested deeper
 * @see https://docs.servicestack.net/jsv-format
 */
export function parseJsv(text: string, maxDepth = 32): JsvValue {
  return new Reader(text).readDocument(maxDepth)
}

/** Where an unquoted text ends: in an object, in a list, at the top. */
type End = '}' | ']' | ''

/** Every `read` begins at `at` and leaves it behind what it read. */
class Reader {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  readDocument(depth: number): JsvValue {
    const value = this.readValue(depth, '')
    this.skipBlanks()
    if (this.at < this.text.length) throw malformed()
    return value
  }

  readValue(depth: number, end: End): JsvValue {
    this.skipBlanks()
    switch (this.text[this.at]) {
      case '{':
        return this.readObject(depth - 1)
      case '[':
        return this.readList(depth - 1)
      case '"':
        return this.readQuoted()
      default:
        return this.readUnquoted(end)
    }
  }

  readObject(depth: number): JsvObject {
    if (depth < 0) throw tooDeep()
    const object: Record<string, JsvValue> = Object.create(null)
    this.at++
    if (this.skips('}')) return object
    do {
      const key = this.readKey()
      if (key in object) throw new RouteError('invalid_request', 'the JSV holds a name twice in one object')
      object[key] = this.readValue(depth, '}')
    } while (this.skips(','))
    if (!this.skips('}')) throw malformed()
    return object
  }

  readList(depth: number): readonly JsvValue[] {
    if (depth < 0) throw tooDeep()
    const list: JsvValue[] = []
    this.at++
    if (this.skips(']')) return list
    do list.push(this.readValue(depth, ']'))
    while (this.skips(','))
    if (!this.skips(']')) throw malformed()
    return list
  }

  readKey(): string {
    this.skipBlanks()
    const key = this.text[this.at] === '"' ? this.readQuoted() : this.readUpTo(/[:,{}]/g).trim()
    if (!this.skips(':')) throw malformed()
    return key
  }

  /** A quote inside is written twice. */
  readQuoted(): string {
    const start = ++this.at
    for (;;) {
      const quote = this.text.indexOf('"', this.at)
      if (quote === -1) throw malformed()
      this.at = quote + 1
      if (this.text[this.at] !== '"') return this.text.slice(start, quote).replaceAll('""', '"')
      this.at++
    }
  }

  readUnquoted(end: End): string {
    return this.readUpTo(end === '}' ? /[,}]/g : end === ']' ? /[,\]]/g : /$/g).trim()
  }

  readUpTo(ends: RegExp): string {
    const start = this.at
    ends.lastIndex = start
    this.at = ends.exec(this.text)?.index ?? this.text.length
    return this.text.slice(start, this.at)
  }

  skips(character: string): boolean {
    this.skipBlanks()
    if (this.text[this.at] !== character) return false
    this.at++
    return true
  }

  skipBlanks(): void {
    this.readUpTo(/\S/g)
  }
}

function malformed(): RouteError {
  return new RouteError('invalid_request', 'the JSV is malformed')
}

function tooDeep(): RouteError {
  return new RouteError('invalid_request', 'the JSV is nested too deeply')
}
