import { parseLabel } from '@hallpass/core'
import { type HttpRequest, RouteError, requireJsonType } from '@hallpass/http'
import { readJson, toMembers } from '../read-json.ts'
import { readUser } from './profiles.ts'
import type { MagicBellUser } from './user.ts'

/** What both calls that create a token ask for. */
export interface TokenRequest {
  readonly name: string | null
  /** Null = it never expires. */
  readonly expirySeconds: number | null
  readonly idempotencyKey: string | null
}

const LONGEST_TEXT = { max: 255 }
const EMAIL = /^[^\s@]+@[^\s@]+$/

/**
 * The body of `POST /jwt/project`. Members that it does not know are passed over, null counts as left out.
 * @throws RouteError, TokenRequestError naming the member
 */
export async function readProjectTokenRequest(
  request: HttpRequest,
  defaultExpirySeconds: number | null,
): Promise<TokenRequest> {
  const members = await readMembers(request)
  if (isAbsent(members.name)) throw refusal('name', 'is missing')
  return toTokenRequest(request, members, defaultExpirySeconds)
}

/**
 * The body of `POST /jwt/user`.
 * @throws RouteError, TokenRequestError naming the member
 */
export async function readUserTokenRequest(
  request: HttpRequest,
  defaultExpirySeconds: number | null,
): Promise<TokenRequest & MagicBellUser> {
  const members = await readMembers(request)
  const email = readText(members, 'email')
  if (email !== null && !EMAIL.test(email)) throw refusal('email', 'is not an email address')
  const user = readUser(email, readText(members, 'external_id'))
  if (user === null) throw refusal('external_id', 'or email is needed, to say who the user is')
  return { ...toTokenRequest(request, members, defaultExpirySeconds), ...user }
}

type Members = Readonly<Record<string, unknown>>

async function readMembers(request: HttpRequest): Promise<Members> {
  requireJsonType(request.headers)
  const members = toMembers(await readJson(request))
  if (members === null) throw new RouteError('invalid_request', 'the body must be a JSON object')
  return members
}

function toTokenRequest(
  request: HttpRequest,
  members: Members,
  defaultExpirySeconds: number | null,
): TokenRequest {
  return {
    name: readText(members, 'name'),
    expirySeconds: isAbsent(members.expiry) ? defaultExpirySeconds : readExpiry(members.expiry),
    idempotencyKey: readIdempotencyKey(request),
  }
}

function readText(members: Members, member: string): string | null {
  return isAbsent(members[member]) ? null : parseLabel(members[member], member, LONGEST_TEXT)
}

function readExpiry(expiry: unknown): number {
  if (typeof expiry === 'number' && Number.isSafeInteger(expiry) && expiry >= 1) return expiry
  throw refusal('expiry', 'must be a whole number of seconds, at least 1')
}

function readIdempotencyKey({ headers }: HttpRequest): string | null {
  const keys = headers.get('idempotency-key') ?? []
  if (keys.length > 1) throw refusal('Idempotency-Key', 'is given twice')
  return keys[0] ?? null
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

function refusal(member: string, why: string): RouteError {
  return new RouteError('invalid_request', `${member} ${why}`, { field: member })
}
