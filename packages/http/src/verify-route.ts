import { type DenialCode, ownsRecord, type Principal, toDenial, type VerifyResult } from '@hallpass/core'
import { type ManagementRoute, routeWithBody } from './management-route.ts'
import { toRecordJson } from './record-json.ts'
import { nothing, verifyBody } from './schemas.ts'
import type { VerifiedJson } from './wire.ts'

/** `POST /verify`: looks at a token for the facts that are given; spends nothing. */
export const verifyRoute: ManagementRoute = routeWithBody({
  name: 'verifyToken',
  method: 'POST',
  path: '/verify',
  action: 'verify',
  summary: 'Look at a token. A fact that is left out is not checked, and is listed in `unchecked`.',
  query: nothing,
  body: verifyBody,
  status: 200,
  answer: 'Verified',
  errors: ['store_unavailable'],
  async run({ service }, principal, _query, { token, ...facts }): Promise<unknown> {
    const result = await service.verify(token, facts)
    if (!isOwn(principal, result)) {
      const { code, message } = toDenial('token_unknown')
      return { valid: false, error: code, message }
    }
    if (!result.valid) {
      const { valid, error, message } = result
      return { valid, error, message } satisfies VerifiedJson
    }
    const { valid, claims, record, unchecked } = result
    return { valid, claims, record: toRecordJson(record), unchecked } satisfies VerifiedJson
  },
})

/** Denials that say nothing of a token that was once issued here: they come before its claims are believed. */
const BEFORE_CLAIMS: ReadonlySet<DenialCode> = new Set([
  'token_malformed',
  'signature_invalid',
  'key_unknown',
])

/** Whether the principal may learn how the token stands. */
function isOwn(principal: Principal, result: VerifyResult): boolean {
  if (result.valid) return ownsRecord(principal, result.record)
  if (BEFORE_CLAIMS.has(result.error)) return true
  if (principal.projects === '*' && principal.subjects === '*') return true
  // There is none of a kind that is not accepted here: whose it is nobody has read.
  return result.token !== undefined && ownsRecord(principal, result.token)
}
