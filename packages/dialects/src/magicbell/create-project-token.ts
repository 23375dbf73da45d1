import type { IssuedToken, TokenService } from '@hallpass/core'
import { MAGICBELL_PROJECT_PROFILE, PROJECT_SUBJECT } from './profiles.ts'
import { APPLICATION } from './user.ts'

export interface ProjectTokenOptions {
  /** Default `default`. Made by its first token. */
  readonly project?: string
  /** For people. Default `project token`. */
  readonly name?: string
  /** Seconds, or text such as `90 days`. Default: it never expires. */
  readonly expiresIn?: number | string
  /** The same key gives the same token again, so that a start script can ask each time. */
  readonly idempotencyKey?: string
}

/**
 * The first MagicBell project token of a project: it creates all others over `POST /jwt/project`. For a start script
 * or a console, since the API itself needs one to be called.
 * @returns the token's text, which is shown this once, and its record
 * @throws TokenRequestError
 */
export function createProjectToken(
  service: TokenService,
  options: ProjectTokenOptions = {},
): Promise<IssuedToken> {
  const { project = 'default', name = 'project token', expiresIn, idempotencyKey } = options
  return service.issue({
    project,
    name,
    subject: PROJECT_SUBJECT,
    application: APPLICATION,
    ...(expiresIn === undefined ? { expiresAt: null, allowNoExpiry: true } : { expiresIn }),
    profile: MAGICBELL_PROJECT_PROFILE,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  })
}
