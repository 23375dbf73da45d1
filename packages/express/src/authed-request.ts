import type { Auth } from '@hallpass/http/guard'
import type { Request } from 'express'

/**
 * An Express request behind `requireToken`, as the type of a route's `req`. `auth` is optional in the type, because
 * Express cannot know which routes are guarded: write `req.auth?.token.subject`.
 */
export interface AuthedRequest<Params = Request['params']> extends Request<Params> {
  /** Null where the guard is optional and no token came. */
  auth?: Auth | null
}
