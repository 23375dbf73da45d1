import { ConfigurationError, type TokenService } from '@hallpass/core'
import {
  createGuard,
  GuardDenialError,
  type GuardOptions,
  type GuardResult,
  writeResponse,
} from '@hallpass/http/guard'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { AuthedRequest } from './authed-request.ts'

export interface RequireTokenOptions extends GuardOptions<Request> {
  /**
   * `respond` (default): a denied request is answered here, in JSON. `next`: a `GuardDenialError` with the same
   * status, code, headers and body goes to the application's error handler.
   */
  readonly errors?: 'respond' | 'next'
}

/**
 * Middleware that lets a request pass only with a good token, which it puts on `req.auth`.
 * @throws ConfigurationError for options that cannot be right, at once
 */
export function requireToken(service: TokenService, options: RequireTokenOptions = {}): RequestHandler {
  const { errors = 'respond', ...guardOptions } = options
  if (errors !== 'respond' && errors !== 'next')
    throw new ConfigurationError("`errors` is 'respond' or 'next'")
  const guard = createGuard<Request>(service, guardOptions)
  const settle = (result: GuardResult, req: AuthedRequest, res: Response, next: NextFunction): void => {
    if (result.pass) {
      req.auth = result.auth
      if (result.headers !== null) res.set(result.headers)
      next()
    } else if (errors === 'next') {
      next(new GuardDenialError(result.denial, result.response))
    } else {
      writeResponse(result.response, res, req.method)
    }
  }
  const settleLater = (
    result: Promise<GuardResult>,
    req: AuthedRequest,
    res: Response,
    next: NextFunction,
  ): void => {
    result.then((found) => settle(found, req, res, next)).catch(next)
  }
  return (req: AuthedRequest, res, next) => {
    const result = guard(req, req.originalUrl, req)
    if ('then' in result) settleLater(result, req, res, next)
    else settle(result, req, res, next)
  }
}
