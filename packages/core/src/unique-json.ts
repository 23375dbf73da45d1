import type { JsonObject, JsonValue } from './token.ts'
import { decodeUtf8 } from './utf8.ts'

/**
 * The JSON value of some bytes, or undefined when they leave room for two readings: invalid UTF-8, a byte order
 * mark, a key twice in one object at any level (`"a"` and `"\u0061"` are the same key), a number that no double
 * holds (`1e400`), or nesting deeper than `maxDepth`. Takes linear time and never throws.
 *
 * JSON.parse keeps the last of two equal keys and says nothing. Besides, V8 reads a key that is written with an escape as
 * another key once it has seen objects with a certain one (https://github.com/nodejs/node/issues/63785), so a sender
 * could choose which claim is read. So it is asked only for texts that are plain ({@link parsePlain}).
 *
 * @param bytes JSON text in UTF-8
 * @param maxDepth a scalar has depth 0, `{}` and `[]` have depth 1; default 32
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function parseUniqueJson(bytes: Uint8Array, maxDepth = 32): JsonValue | undefined {
  const text = decodeUtf8(bytes)
  return text === null ? undefined : parseUniqueJsonText(text, maxDepth)
}

/** The same of bytes that are decoded already. */
export function parseUniqueJsonText(text: string, maxDepth: number): JsonValue | undefined {
  return parsePlain(text, maxDepth) ?? readText(text, maxDepth)
}

/**
 * The same, and nothing is left to JSON.parse: for what anybody may send. It takes twice as long for a good text, and much
 * less for one that is made to be slow.
 */
export function readUniqueJson(bytes: Uint8Array, maxDepth: number): JsonValue | undefined {
  const text = decodeUtf8(bytes)
  return text === null ? undefined : readText(text, maxDepth)
}

function readText(text: string, maxDepth: number): JsonValue | undefined {
  return new Reader(text).readDocument(maxDepth)
}

/**
 * The value of a text without escapes, with so few brackets that it cannot be nested too deep, and of no more characters
 * than its value needs: then no member was dropped. Undefined says nothing of any other text.
 */
function parsePlain(text: string, maxDepth: number): JsonValue | undefined {
  // An escape in a key could make V8 misread keys that it is given later, by whomever.
  if (text.includes('\\') || hasMore(text, '[', '{', maxDepth)) return undefined
  try {
    const value: JsonValue = JSON.parse(text)
    return toWrittenLength(value) === text.length ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * How many characters a value takes in JSON without escapes and white space: no text that it was read from is shorter. NaN
 * where a number could be written in fewer, with an exponent, or is none that a double holds.
 */
function toWrittenLength(value: JsonValue): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2
    case 'number':
      return toDigitCount(value)
    case 'boolean':
      return value ? 4 : 5
    default:
      if (value === null) return 4
      return isArray(value) ? toArrayLength(value) : toObjectLength(value)
  }
}

/** The brackets, what is between them, and a comma before all but the first. */
function toArrayLength(array: readonly JsonValue[]): number {
  if (array.length === 0) return 2
  let length = 1
  for (let at = 0; at < array.length; at++) length += 1 + toWrittenLength(array[at] ?? null)
  return length
}

function toObjectLength(object: JsonObject): number {
  const keys = Object.keys(object)
  const values = Object.values(object)
  if (keys.length === 0) return 2
  let length = 1
  // Two quotation marks, a colon, and a comma or the first bracket.
  for (let at = 0; at < keys.length; at++) {
    length += 4 + (keys[at]?.length ?? 0) + toWrittenLength(values[at] ?? null)
  }
  return length
}

/** Three zeros at the end are one more character than `e3`. */
const EXPONENT_FROM = 1000

function toDigitCount(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) return Number.NaN
  if (value >= EXPONENT_FROM && value % EXPONENT_FROM === 0) return Number.NaN
  let digits = 1
  for (let next = 10; value >= next; next *= 10) digits++
  return digits
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Whether two characters together stand in a text more often than `most` times. */
function hasMore(text: string, first: string, second: string, most: number): boolean {
  let left = most
  for (const character of [first, second]) {
    for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) {
      if (--left < 0) return true
    }
  }
  return false
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Every `read` begins at `at`, leaves it behind what it read, and gives undefined where the text is refused. */
class Reader {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  readDocument(maxDepth: number): JsonValue | undefined {
    const value = this.readValue(maxDepth)
    this.skipBlanks()
    return this.at === this.text.length ? value : undefined
  }

  readValue(depth: number): JsonValue | undefined {
    switch (this.skipBlanks()) {
      case 0x22:
        return this.readString()
      case 0x7b:
        return depth === 0 ? undefined : this.readObject(depth - 1)
      case 0x5b:
        return depth === 0 ? undefined : this.readArray(depth - 1)
      case 0x74:
        return this.readWord('true', true)
      case 0x66:
        return this.readWord('false', false)
      case 0x6e:
        return this.readWord('null', null)
      default:
        return this.readNumber()
    }
  }

  readObject(depth: number): JsonValue | undefined {
    const object: Record<string, JsonValue> = {}
    this.at++
    if (this.skipBlanks() === 0x7d) return this.end(object)
    for (;;) {
      if (this.skipBlanks() !== 0x22) return undefined
      const key = this.readString()
      if (key === undefined || Object.hasOwn(object, key) || this.skipBlanks() !== 0x3a) return undefined
      this.at++
      const value = this.readValue(depth)
      if (value === undefined) return undefined
      if (key === '__proto__') defineOwn(object, key, value)
      else object[key] = value
      const next = this.skipBlanks()
      if (next === 0x7d) return this.end(object)
      if (next !== 0x2c) return undefined
      this.at++
    }
  }

  readArray(depth: number): JsonValue | undefined {
    const array: JsonValue[] = []
    this.at++
    if (this.skipBlanks() === 0x5d) return this.end(array)
    for (;;) {
      const value = this.readValue(depth)
      if (value === undefined) return undefined
      array.push(value)
      const next = this.skipBlanks()
      if (next === 0x5d) return this.end(array)
      if (next !== 0x2c) return undefined
      this.at++
    }
  }

  readString(): string | undefined {
    const { text } = this
    const start = this.at
    let escaped = false
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === 0x22) {
        this.at = at + 1
        return escaped ? toText(text.slice(start, this.at)) : text.slice(start + 1, at)
      }
      if (code < 0x20) return undefined
      if (code === 0x5c) {
        escaped = true
        at++
      }
    }
    return undefined
  }

  readNumber(): number | undefined {
    NUMBER.lastIndex = this.at
    const digits = NUMBER.exec(this.text)?.[0]
    if (digits === undefined) return undefined
    this.at += digits.length
    const value = Number(digits)
    return Number.isFinite(value) ? value : undefined
  }

  readWord<T>(word: string, value: T): T | undefined {
    if (!this.text.startsWith(word, this.at)) return undefined
    this.at += word.length
    return value
  }

  end<T>(value: T): T {
    this.at++
    return value
  }

  /** The code of the first character that is no white space; NaN at the end. */
  skipBlanks(): number {
    let code = this.text.charCodeAt(this.at)
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      code = this.text.charCodeAt(++this.at)
    }
    return code
  }
}

/** The text of a quoted string with escapes. JSON.parse is right about strings that are not keys. */
function toText(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted))
  } catch {
    return undefined
  }
}

/** A plain assignment to `__proto__` would change the prototype instead. */
function defineOwn(object: Record<string, JsonValue>, key: string, value: JsonValue): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}
