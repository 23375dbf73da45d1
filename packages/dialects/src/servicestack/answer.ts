import type { JsonObject, JsonValue } from '@hallpass/core'
import type { HttpResponse } from '@hallpass/http'
import { escapeXml } from '../xml-writer.ts'
import { writeJsv } from './jsv-writer.ts'
import type { ResponseFormat } from './response-format.ts'

/** What is answered, as types of the API. */
export interface Operation {
  /** Of the request; the answer's is `<name>Response`. */
  readonly name: string
  /** The member of the answer that is not `responseStatus`; null = there is no other. */
  readonly result: string | null
}

/** One answer, or those of a batch. Members are in camelCase and none is null. */
export type Answer = JsonObject | readonly JsonObject[]

const TYPES: Readonly<Record<ResponseFormat, string>> = {
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
  jsv: 'text/jsv; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
}

const NAMESPACES =
  'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.servicestack.net/types"'

/** An answer in a format. Nobody may keep it, and nobody may take it for something else. */
export function writeAnswer(
  format: ResponseFormat,
  operation: Operation,
  status: number,
  answer: Answer,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: {
      ...PRIVATE_HEADERS,
      'content-type': TYPES[format],
      ...(format === 'csv' && { 'content-disposition': `attachment; filename="${operation.name}.csv"` }),
      ...headers,
    },
    body: WRITERS[format](answer, operation),
  }
}

/** Go with every answer, those without a body too. */
export const PRIVATE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  vary: 'Accept',
}

const WRITERS: Readonly<Record<ResponseFormat, (answer: Answer, operation: Operation) => string>> = {
  json: (answer) => JSON.stringify(answer),
  jsv: (answer) => writeJsv(answer),
  xml(answer, { name }) {
    const type = `${name}Response`
    if (!isList(answer)) return `<${type} ${NAMESPACES}>${toElements(answer)}</${type}>`
    const elements = answer.map((one) => `<${type}>${toElements(one)}</${type}>`)
    return `<ArrayOf${type} ${NAMESPACES}>${elements.join('')}</ArrayOf${type}>`
  },
  csv(answer, { result }) {
    const members = result === null ? ['responseStatus'] : [result, 'responseStatus']
    const rows = (isList(answer) ? answer : [answer]).map((one) => members.map((name) => toCell(one[name])))
    return [members.map(toPascalCase), ...rows].map((cells) => `${cells.join(',')}\r\n`).join('')
  },
}

/** What the members of a list are called in XML. */
const ITEMS: ReadonlyMap<string, string> = new Map([['errors', 'ResponseError']])

function toElements(value: JsonObject): string {
  return Object.entries(value)
    .map(([name, member]) => `<${toPascalCase(name)}>${toContent(name, member)}</${toPascalCase(name)}>`)
    .join('')
}

function toContent(name: string, value: JsonValue): string {
  if (value === null) return ''
  if (typeof value !== 'object') return escapeXml(String(value))
  if (!isList(value)) return toElements(value)
  const item = ITEMS.get(name) ?? 'string'
  return value.map((one) => `<${item}>${toContent(item, one)}</${item}>`).join('')
}

/** What is more than a text is JSV inside of its cell. @see RFC 4180 section 2 */
function toCell(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? writeJsv(value) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function toPascalCase(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}

/** Unlike `Array.isArray`, it knows readonly arrays. */
function isList<T extends JsonValue>(value: T): value is Extract<T, readonly unknown[]> {
  return Array.isArray(value)
}
