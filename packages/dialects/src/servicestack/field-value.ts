import { toMembers } from '../read-json.ts'
import { parseDateText } from './date-text.ts'
import { ACCESS_FIELDS, type FieldKind } from './fields.ts'
import { parseJsv } from './jsv-reader.ts'

/** A value that was sent: a text, or what JSON, JSV or XML made of one. */
export type SentValue = unknown

/** What is used of a field; null = it was read, and nothing of it is used. */
export type FieldValue = string | Date | readonly string[] | null

/** Why a value cannot be read. The message does not repeat it. */
export class FieldProblem extends Error {
  override readonly name = 'FieldProblem'
}

const MAX_TEXT = 1024
/** NUL and lone surrogates: no store can be trusted to give them back. */
const UNSTORABLE = /[\0\p{Cs}]/u
const FLAG = /^(?:true|false|1|0|on|off|yes|no)$/i
const WHOLE = /^-?\d{1,19}$/
/** What JavaScript makes of objects in a query string. */
const LOST_OBJECTS = /^\[object Object\](?:,\[object Object\])*$/

/** The value of a field. @throws FieldProblem */
export function toFieldValue(kind: FieldKind, sent: SentValue): FieldValue {
  switch (kind) {
    case 'text':
      return toText(sent)
    case 'texts':
      return toTexts(sent)
    case 'date':
      return toDate(sent)
    case 'flag':
      return toNothing(FLAG.test(toText(sent).trim()), 'must be true or false')
    case 'whole':
      return toNothing(WHOLE.test(toText(sent).trim()), 'must be a whole number')
    case 'accesses':
      return toNothing(areAccesses(sent), 'must be a list of objects')
    case 'items':
      return toNothing(areItems(sent), 'must be an object of texts')
  }
}

/** Whether a value says as little as one that was not sent. */
export function isEmpty(sent: SentValue): boolean {
  return sent === undefined || sent === null || sent === '' || (Array.isArray(sent) && sent.length === 0)
}

function toNothing(isReadable: boolean, problem: string): null {
  if (isReadable) return null
  throw new FieldProblem(problem)
}

/** A number or a truth value is the text that it was written as. */
function toText(sent: SentValue): string {
  if (typeof sent === 'boolean') return String(sent)
  if (typeof sent === 'number') {
    // Beyond these the digits that were sent are lost.
    if (Number.isInteger(sent) && !Number.isSafeInteger(sent)) throw new FieldProblem('is too large a number')
    return String(sent)
  }
  if (typeof sent !== 'string') throw new FieldProblem('must be a text')
  if (sent.length > MAX_TEXT) throw new FieldProblem(`must not be longer than ${MAX_TEXT} characters`)
  if (UNSTORABLE.test(sent)) throw new FieldProblem('must not hold NUL characters or lone surrogates')
  return sent
}

/** `["A", "B"]`, or as a text `A,B` or `[A,B]`, where a comma inside a name is quoted as in JSV. */
function toTexts(sent: SentValue): readonly string[] {
  const list = typeof sent === 'string' ? readJsv(sent.trim().startsWith('[') ? sent : `[${sent}]`) : sent
  if (!Array.isArray(list)) throw new FieldProblem('must be a list of texts')
  return [...new Set(list.filter((entry) => !isEmpty(entry)).map(toText))]
}

function toDate(sent: SentValue): Date | null {
  const date = typeof sent === 'string' ? parseDateText(sent.trim()) : undefined
  if (date === undefined) throw new FieldProblem('must be a date')
  // The default of .NET's DateTime, 0001-01-01: nobody has set it.
  return date.getUTCFullYear() <= 1 ? null : date
}

function areAccesses(sent: SentValue): boolean {
  const isText = typeof sent === 'string'
  if (isText && LOST_OBJECTS.test(sent)) return true
  const list = isText ? readJsv(sent) : sent
  return Array.isArray(list) && list.every(isAccess)
}

function isAccess(sent: SentValue): boolean {
  const members = toMembers(sent)
  if (members === null) return false
  for (const [name, member] of Object.entries(members)) {
    const field = ACCESS_FIELDS.get(name.toLowerCase())
    if (field !== undefined && !isEmpty(member)) toFieldValue(field.kind, member)
  }
  return true
}

function areItems(sent: SentValue): boolean {
  const members = toMembers(typeof sent === 'string' ? readJsv(sent) : sent)
  return members !== null && Object.values(members).every((item) => isEmpty(item) || toText(item) !== '')
}

function readJsv(text: string): SentValue {
  try {
    return parseJsv(text)
  } catch {
    throw new FieldProblem('must be written as JSV')
  }
}
