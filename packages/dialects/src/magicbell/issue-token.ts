import type { IssuedToken, IssueInput, TokenService } from '@hallpass/core'
import { MAGICBELL_PROJECT_PROFILE, MAGICBELL_USER_PROFILE, PROJECT_SUBJECT } from './profiles.ts'
import type { TokenRequest } from './token-request.ts'
import { APPLICATION, type MagicBellUser, toUserPlace } from './user.ts'

/** Who asks for a token: the project token that it was asked with. */
export interface ProjectCaller {
  readonly project: string
  readonly tokenId: string
}

/** Issues a token that manages the caller's project. @throws TokenRequestError */
export function issueProjectToken(
  service: TokenService,
  caller: ProjectCaller,
  request: TokenRequest,
): Promise<IssuedToken> {
  return service.issue({
    ...toIssueInput(caller, request),
    subject: PROJECT_SUBJECT,
    application: APPLICATION,
    profile: MAGICBELL_PROJECT_PROFILE,
  })
}

/** Issues a token for a user of the caller's project. @throws TokenRequestError */
export function issueUserToken(
  service: TokenService,
  caller: ProjectCaller,
  request: TokenRequest & MagicBellUser,
): Promise<IssuedToken> {
  const { email, externalId } = request
  return service.issue({
    ...toIssueInput(caller, request),
    ...toUserPlace(caller.project, request),
    claims: {
      ...(email !== null && { user_email: email }),
      ...(externalId !== null && { user_external_id: externalId }),
    },
    profile: MAGICBELL_USER_PROFILE,
  })
}

function toIssueInput({ project, tokenId }: ProjectCaller, request: TokenRequest): IssueInput {
  const { name, expirySeconds, idempotencyKey } = request
  return {
    project,
    createdBy: `token:${tokenId}`,
    name,
    ...(expirySeconds === null ? { expiresAt: null, allowNoExpiry: true } : { expiresIn: expirySeconds }),
    ...(idempotencyKey !== null && { idempotencyKey }),
  }
}
