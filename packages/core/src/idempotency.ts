import { TokenRequestError } from './request-error.ts'
import { toSha256 } from './sha256.ts'
import type { IssueInput } from './token-service.ts'
import type { InsertConditions } from './token-store.ts'

/**
 * The hashes that an idempotency key is stored as; `undefined` = the request has none. A key is its principal's own.
 * @throws TokenRequestError `invalid_request` for a key of another form, or a signature that never repeats
 */
export function toIdempotency(
  input: IssueInput,
  owner: { readonly project: string; readonly createdBy: string; readonly profile: string },
  deterministic: boolean,
): InsertConditions['idempotency'] {
  const { idempotencyKey } = input
  if (idempotencyKey === undefined) return undefined
  if (!/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
    throw new TokenRequestError(
      'invalid_request',
      'an idempotency key is 1 to 255 visible ASCII characters',
      'idempotencyKey',
    )
  }
  if (!deterministic) {
    throw new TokenRequestError(
      'invalid_request',
      'tokens of this kind are signed with randomness and cannot be made again',
      'idempotencyKey',
    )
  }
  const { project, createdBy, profile } = owner
  return {
    keySha256: toSha256(JSON.stringify([project, createdBy, profile, idempotencyKey])),
    requestSha256: toSha256(toCanonicalJson(input)),
  }
}

/**
 * Member names sorted at every level, so that the order in which a client writes them does not count. What decides
 * who may issue is left out: the same request may come with another grant.
 */
function toCanonicalJson({
  idempotencyKey: _key,
  grant: _grant,
  profile: _profile,
  ...asked
}: IssueInput): string {
  return JSON.stringify(asked, (_name, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
