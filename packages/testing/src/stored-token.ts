import { createHash, randomBytes } from 'node:crypto'
import type { StoredToken } from '@hallpass/core'

const CREATED_AT = new Date('2026-11-21T12:00:00.000Z')
const HOUR_MS = 3_600_000

let counter = 0

/** A UUIDv7 (RFC 9562) that sorts after those made before it in this process for the same or an earlier time. */
export function createTokenId(at: Date = CREATED_AT): string {
  counter += 1
  const time = at.getTime().toString(16).padStart(12, '0')
  // The counter fills the 12 bits of rand_a and the next 14, so that tests can make 67 million in order.
  const high = ((counter >>> 14) & 0xfff).toString(16).padStart(3, '0')
  const low = (0x8000 | (counter & 0x3fff)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${high}-${low}-${randomBytes(6).toString('hex')}`
}

/** A token as a store keeps it: of project and subject `default`, good for an hour, without limits, or as given. */
export function createStoredToken(overrides: Partial<StoredToken> = {}): StoredToken {
  const createdAt = overrides.createdAt ?? CREATED_AT
  const id = overrides.id ?? createTokenId(createdAt)
  const expiresAt =
    overrides.expiresAt === undefined ? new Date(createdAt.getTime() + HOUR_MS) : overrides.expiresAt
  return {
    id,
    project: 'default',
    subject: 'default',
    name: null,
    application: 'default',
    profile: 'native',
    keyId: 'key-1',
    createdAt,
    notBefore: null,
    expiresAt,
    signedExpiresAt: expiresAt,
    ip: [],
    paths: null,
    scope: [],
    httpMethods: null,
    credits: null,
    pool: null,
    claims: {},
    tokenSha256: createHash('sha256').update(id).digest('hex'),
    createdBy: 'service',
    lastUsedAt: null,
    revokedAt: null,
    ...overrides,
  }
}
