import { types } from 'node:util'
import { parseUniqueJson } from '@hallpass/core'
import { hasBody, parsePairs, type RoutedRequest, RouteError, readBody } from '@hallpass/http'
import { DIALECT_BODY_BYTES, toMembers } from '../read-json.ts'
import { parseXml } from '../xml-reader.ts'
import { type BodyKind, readBodyKind } from './body-kind.ts'
import type { Entry } from './bound-request.ts'
import type { Fields } from './fields.ts'
import { parseJsv } from './jsv-reader.ts'
import { parseMultipart } from './multipart.ts'
import { toXmlEntries } from './xml-entries.ts'

/** A request as it may be sent. */
export interface RequestShape {
  /** The root element in XML. */
  readonly name: string
  readonly fields: Fields
  /** A list of requests in one body. */
  readonly isBatch: boolean
}

/** What requests are made of, in the order in which a later source counts over an earlier one. */
export type Sources = readonly (readonly Entry[])[]

type Part = readonly Entry[]

const NOTHING: Part = []

/** As many as the service issues at once: refused before the query is laid over each of them. */
const MOST_IN_A_BATCH = 1000

/**
 * The sources of the request in a call, or of each request of a batch: body, then query, then form. A body is read
 * whatever the method; without one there is the query.
 * @throws RouteError
 */
export async function readSources(call: RoutedRequest, shape: RequestShape): Promise<readonly Sources[]> {
  const { request } = call
  const query = parsePairs(call.query)
  if (!hasBody(request.headers)) return toRequests([NOTHING], query, shape)
  const kind = readBodyKind(request.headers)
  const body = await readBody(request, DIALECT_BODY_BYTES)
  const content = types.isUint8Array(body) ? body : body.parsed
  if (kind === 'form' || kind === 'multipart') {
    if (shape.isBatch) throw malformed('a batch is sent as JSON, XML or JSV')
    const contentType = request.headers.get('content-type')?.[0] ?? ''
    return [[query, await readForm(content, kind, contentType)]]
  }
  return toRequests(isBlank(content) ? [NOTHING] : readParts(content, kind, shape), query, shape)
}

function toRequests(parts: readonly Part[], query: Part, shape: RequestShape): readonly Sources[] {
  if (shape.isBatch && parts[0] === NOTHING) throw malformed('a batch must be a list of requests')
  return parts.map((part) => [part, query])
}

async function readForm(content: unknown, kind: 'form' | 'multipart', contentType: string): Promise<Part> {
  if (isBlank(content)) return NOTHING
  if (typeof content === 'string' || types.isUint8Array(content)) {
    // A text parser leaves a string, of a multipart form too.
    return kind === 'multipart'
      ? parseMultipart(Buffer.from(content), contentType)
      : parsePairs(toText(content))
  }
  // A framework's parser has gathered what was sent in several parts.
  return toPart(content).flatMap(([name, value]) => toList(value).map((one) => [name, one] as const))
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

function readParts(
  content: unknown,
  kind: Exclude<BodyKind, 'form' | 'multipart'>,
  shape: RequestShape,
): readonly Part[] {
  if (kind === 'xml') return readXml(toText(content), shape)
  const value = kind === 'jsv' ? parseJsv(toText(content)) : readJson(content)
  if (!shape.isBatch) return [value === null ? NOTHING : toPart(value)]
  if (!Array.isArray(value)) throw malformed('a batch must be a list of requests')
  assertBatchSize(value)
  return value.map(toPart)
}

function readJson(content: unknown): unknown {
  // What the framework has parsed.
  if (typeof content !== 'string' && !types.isUint8Array(content)) return content
  const value = parseUniqueJson(Buffer.from(toText(content)))
  if (value === undefined) throw malformed('the body is not JSON with each member given once')
  return value
}

function readXml(text: string, { name, fields, isBatch }: RequestShape): readonly Part[] {
  const root = parseXml(text)
  if (root.name !== (isBatch ? `ArrayOf${name}` : name)) throw malformed('the XML has another root element')
  if (!isBatch) return [toXmlEntries(root, fields)]
  assertBatchSize(root.children)
  return root.children.map((child) => toXmlEntries(child, fields))
}

function assertBatchSize({ length }: readonly unknown[]): void {
  if (length > 0 && length <= MOST_IN_A_BATCH) return
  throw malformed(`a batch must be a list of 1 to ${MOST_IN_A_BATCH} requests`)
}

function toPart(value: unknown): Part {
  const members = toMembers(value)
  if (members === null) throw malformed('the request must be an object')
  return Object.entries(members)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function toText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!types.isUint8Array(content)) throw new RouteError('body_unreadable', 'the body cannot be read')
  try {
    return utf8.decode(content)
  } catch {
    throw malformed('the body is not UTF-8')
  }
}

function isBlank(content: unknown): boolean {
  return content === '' || (types.isUint8Array(content) && content.byteLength === 0)
}

function malformed(message: string): RouteError {
  return new RouteError('invalid_request', message)
}
