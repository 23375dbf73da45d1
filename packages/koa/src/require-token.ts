import { ConfigurationError, type TokenService } from '@hallpass/core'
import { createGuard, GuardDenialError, type GuardOptions, type GuardResult } from '@hallpass/http/guard'
import type { Context, DefaultContext, DefaultState, Middleware, Next, ParameterizedContext } from 'koa'
import type { AuthedState } from './authed-state.ts'
import { respond } from './respond.ts'

export interface RequireTokenOptions<
  StateT = DefaultState,
  ContextT = DefaultContext,
  Key extends string = string,
  Optional extends boolean = boolean,
> extends GuardOptions<ParameterizedContext<StateT, ContextT>> {
  /** Where the verified token goes: `ctx.state[key]`. Default `auth`. */
  readonly key?: Key
  readonly optional?: Optional
  /**
   * `respond` (default): a denied request is answered here, in JSON. `throw`: a `GuardDenialError` with the same
   * status, code, headers and body goes to the application's error handling.
   */
  readonly errors?: 'respond' | 'throw'
}

/**
 * Middleware that lets a request pass only with a good token, which it puts on `ctx.state.auth`.
 * @throws ConfigurationError for options that cannot be right, at once
 */
export function requireToken<
  StateT = object,
  ContextT = object,
  const Key extends string = 'auth',
  const Optional extends boolean = false,
>(
  service: TokenService,
  options: RequireTokenOptions<StateT, ContextT, Key, Optional> = {},
): Middleware<StateT & AuthedState<Key, Optional>, ContextT> {
  const { key = 'auth', errors = 'respond', ...guardOptions } = options
  if (errors !== 'respond' && errors !== 'throw')
    throw new ConfigurationError("`errors` is 'respond' or 'throw'")
  if (typeof key !== 'string' || key === '' || key === '__proto__') {
    throw new ConfigurationError('`key` is the name of a property of `ctx.state`')
  }
  const guard = createGuard<ParameterizedContext<StateT, ContextT>>(service, guardOptions)
  const settle = (result: GuardResult, ctx: Context, next: Next): Promise<unknown> => {
    if (result.pass) {
      ctx.state[key] = result.auth
      if (result.headers !== null) ctx.set(result.headers)
      return next()
    }
    if (errors === 'throw') return Promise.reject(new GuardDenialError(result.denial, result.response))
    respond(ctx, result.response)
    return Promise.resolve()
  }
  const settleLater = async (result: Promise<GuardResult>, ctx: Context, next: Next): Promise<unknown> =>
    settle(await result, ctx, next)
  return (ctx, next) => {
    // Not an async function: its promise would be one more for each request that need not wait for anything.
    try {
      const result = guard(ctx.req, ctx.originalUrl, ctx)
      return 'then' in result ? settleLater(result, ctx, next) : settle(result, ctx, next)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}
