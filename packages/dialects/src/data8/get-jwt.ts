import { resolveProject, type TokenService } from '@hallpass/core'
import { type AccountOptions, findAccount } from './account.ts'
import type { GetJwtRequest } from './get-jwt-request.ts'
import { ALL_METHODS, DATA8_PROFILE, toMethodScope } from './profile.ts'
import { type Answer, toFailure, toSuccess } from './status.ts'

export interface GetJwtOptions extends AccountOptions {
  readonly project: string
}

/** Issues a token to an account that has credits; costs none of them. */
export async function getJwt(
  service: TokenService,
  options: GetJwtOptions,
  request: GetJwtRequest,
): Promise<Answer> {
  const { account, subject, pool } = await findAccount(options, request.credentials)
  const project = resolveProject(account, options.project)
  const credits = await service.findPool(project, pool)
  if (credits === null || credits.remaining === 0) return toFailure('the account is out of credits')
  const { clientIp, maxCredits, applicationName, expiresAt } = request
  const { token } = await service.issue({
    project,
    subject,
    createdBy: account.id,
    profile: DATA8_PROFILE,
    expiresAt,
    pool,
    claims: { cn: account.company },
    ...toScope(request.allowedMethods, account.grant?.scope),
    ...(clientIp !== null && { ip: [clientIp] }),
    ...(maxCredits !== null && { credits: maxCredits }),
    ...(applicationName !== null && { application: applicationName }),
    // Both come from the account, not from the caller.
    ...(account.grant !== undefined && { grant: { ...account.grant, claims: ['cn'], pools: [pool] } }),
  })
  return toSuccess(credits.remaining, { Jwt: token })
}

/** No method means all; all that the account may grant, where it has a grant. */
function toScope(
  methods: readonly string[],
  granted: readonly string[] | undefined,
): { readonly scope?: readonly string[] } {
  if (methods.length > 0) return { scope: methods.map(toMethodScope) }
  return granted === undefined ? { scope: [ALL_METHODS] } : {}
}
