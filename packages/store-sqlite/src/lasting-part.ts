import { freezeJson, type JsonObject, type StoredToken } from '@hallpass/core'
import { toCredits, toDate, toTime } from './token-rows.ts'

/** What can never change of a token once it is stored, and the row it was found in. */
export class LastingPart {
  /** Whose it is: a hint that another store left says nothing of this one. */
  readonly owner: object
  /** Where to look first. Another token may be there by now, or none. */
  readonly rowid: number
  // As the caller named them: the same texts, when they come again, are compared without being looked at.
  readonly project: string
  readonly id: string
  readonly subject: string
  readonly application: string
  readonly profile: string
  readonly keyId: string
  // Milliseconds: every answer gets dates of its own, and a number is read faster than a date.
  readonly createdAt: number
  readonly notBefore: number | null
  readonly signedExpiresAt: number | null
  readonly ip: readonly string[]
  readonly paths: readonly string[] | null
  readonly scope: readonly string[]
  readonly httpMethods: readonly string[] | null
  readonly pool: string | null
  readonly claims: JsonObject
  readonly tokenSha256: string
  readonly createdBy: string

  /** Freezes the lists and claims of the token: every later answer shares them. */
  constructor(owner: object, project: string, id: string, token: StoredToken, rowid: number) {
    this.owner = owner
    this.rowid = rowid
    this.project = project
    this.id = id
    this.subject = token.subject
    this.application = token.application
    this.profile = token.profile
    this.keyId = token.keyId
    this.createdAt = token.createdAt.getTime()
    this.notBefore = toTime(token.notBefore)
    this.signedExpiresAt = toTime(token.signedExpiresAt)
    this.ip = token.ip
    this.paths = token.paths
    this.scope = token.scope
    this.httpMethods = token.httpMethods
    this.pool = token.pool
    this.claims = token.claims
    this.tokenSha256 = token.tokenSha256
    this.createdBy = token.createdBy
    for (const shared of [this.ip, this.paths, this.scope, this.httpMethods, this.claims]) freezeJson(shared)
  }
}

/** What says whose row it is, and the columns that change after the insert. */
export const CHANGING_COLUMNS: string = `project, id, token_sha256, name, expires_at, credit_limit, credit_remaining,
  last_used_at, revoked_at`

/** The values of `CHANGING_COLUMNS`, in their order. */
export type ChangingValues = readonly [
  project: string,
  id: string,
  tokenSha256: string,
  name: string | null,
  expiresAt: number | null,
  creditLimit: number | null,
  creditRemaining: number | null,
  lastUsedAt: number | null,
  revokedAt: number | null,
]

/**
 * The token of this project and id: what was decoded of it before, and the row as it is now, with dates of its own.
 * @returns null when the row, or the part, is of another token
 */
export function joinToken(
  project: string,
  id: string,
  lasting: LastingPart,
  values: ChangingValues,
): StoredToken | null {
  if (lasting.id !== id || lasting.project !== project) return null
  if (values[1] !== id || values[2] !== lasting.tokenSha256 || values[0] !== project) return null
  return {
    id,
    project,
    subject: lasting.subject,
    name: values[3],
    application: lasting.application,
    profile: lasting.profile,
    keyId: lasting.keyId,
    createdAt: new Date(lasting.createdAt),
    notBefore: toDate(lasting.notBefore),
    expiresAt: toDate(values[4]),
    signedExpiresAt: toDate(lasting.signedExpiresAt),
    ip: lasting.ip,
    paths: lasting.paths,
    scope: lasting.scope,
    httpMethods: lasting.httpMethods,
    credits: toCredits(values[5], values[6]),
    pool: lasting.pool,
    claims: lasting.claims,
    tokenSha256: lasting.tokenSha256,
    createdBy: lasting.createdBy,
    lastUsedAt: toDate(values[7]),
    revokedAt: toDate(values[8]),
  }
}
