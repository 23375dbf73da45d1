import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { decodeCanonicalBase64url, encodeBase64url } from './base64url.ts'
import { assertInput, type KnownMembers } from './known-members.ts'
import { parseLabel } from './label.ts'
import { TokenRequestError } from './request-error.ts'
import type { StoreCall } from './store-call.ts'
import { type StoredToken, type TokenStatus, toTokenRecord, toTokenStatus } from './token.ts'
import type { ListQuery, TokenPage } from './token-service.ts'
import type { ListFilter, TokenStore } from './token-store.ts'
import { isUuid } from './uuid.ts'

const LIST_MEMBERS: KnownMembers<ListQuery> = {
  project: true,
  subject: true,
  status: true,
  application: true,
  name: true,
  limit: true,
  after: true,
}
const MOST = 200
const STATUSES: readonly TokenStatus[] = ['pending', 'active', 'exhausted', 'expired', 'revoked']
/** With a status, at most so many tokens are looked at for one page: a page costs the same in a store of any size. */
const MOST_LOOKED_AT = 10_000

/** One page, newest first. @throws TokenRequestError `invalid_request` */
export async function listTokens(
  { store, call, now }: { readonly store: TokenStore; readonly call: StoreCall; readonly now: () => Date },
  query: ListQuery,
): Promise<TokenPage> {
  assertInput(query, LIST_MEMBERS, 'a list')
  const { limit = 50, status } = query
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
    throw new TokenRequestError('invalid_request', `limit must be a whole number from 1 to ${MOST}`, 'limit')
  }
  if (status !== undefined && !STATUSES.includes(status)) {
    throw new TokenRequestError('invalid_request', `status must be one of ${STATUSES.join(', ')}`, 'status')
  }
  const filter = toFilter(query)
  const moment = now()
  const found: StoredToken[] = []
  let after = query.after === undefined ? null : parseCursor(query.after, query)
  for (let lookedAt = 0; lookedAt < MOST_LOOKED_AT; ) {
    const wanted = status === undefined ? limit + 1 : MOST
    const chunk = await call(() => store.list(filter, after, wanted))
    for (const token of chunk) {
      if (found.length === limit) return toPage(found, after, query, moment)
      after = token.id
      if (status === undefined || toTokenStatus(token, moment) === status) found.push(token)
    }
    if (chunk.length < wanted) return toPage(found, null, query, moment)
    lookedAt += chunk.length
    // A store that answers at once would otherwise hold the event loop until all are looked at.
    await setImmediate()
  }
  return toPage(found, after, query, moment)
}

function toFilter({ project, subject, application, name }: ListQuery): ListFilter {
  return {
    project: parseLabel(project, 'project', { max: 128 }),
    ...(subject !== undefined && { subject: parseLabel(subject, 'subject', { max: 256 }) }),
    ...(application !== undefined && { application: parseLabel(application, 'application', { max: 128 }) }),
    ...(name !== undefined && { name: parseLabel(name, 'name', { max: 255 }) }),
  }
}

function toPage(found: readonly StoredToken[], last: string | null, query: ListQuery, now: Date): TokenPage {
  return {
    tokens: found.map((token) => toTokenRecord(token, now)),
    next: last === null ? null : toCursor(last, query),
  }
}

/** The id of the last token and a checksum over it and the filter: a cursor fits the list that it came from. */
function toCursor(id: string, query: ListQuery): string {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  return encodeBase64url(Buffer.concat([bytes, toChecksum(id, query)]))
}

function parseCursor(cursor: string, query: ListQuery): string {
  const bytes = typeof cursor === 'string' && cursor.length < 100 ? decodeCanonicalBase64url(cursor) : null
  const hex = bytes?.subarray(0, 16).toString('hex') ?? ''
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  if (bytes === null || !isUuid(id) || !bytes.subarray(16).equals(toChecksum(id, query))) {
    throw new TokenRequestError('invalid_request', 'after is not a cursor of this list', 'after')
  }
  return id
}

function toChecksum(id: string, { project, subject, status, application, name }: ListQuery): Buffer {
  const text = JSON.stringify([
    id,
    project,
    subject ?? null,
    status ?? null,
    application ?? null,
    name ?? null,
  ])
  return createHash('sha256').update(`hallpass cursor ${text}`).digest().subarray(0, 12)
}
