import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { ConfigurationError } from '@hallpass/core'
import { createGuard, type Guard, type GuardOptions, type GuardResult } from '@hallpass/http/guard'
import { type CanActivate, type ExecutionContext, Inject, Injectable, Optional } from '@nestjs/common'
import { keepAdmission, readAdmission } from './context-auth.ts'
import { AnsweredDenialException, TokenDeniedException, throwToFilters } from './hallpass-exception.ts'
import type { ErrorMode } from './hallpass-options.ts'
import { readOriginalTarget, setHeaders, toIncoming } from './platform.ts'
import { readRouteOptions } from './route-rule.ts'
import { TokenService } from './token-service.ts'

/** What guards take from their module. */
export interface GuardSettings {
  readonly defaults: GuardOptions<unknown>
  readonly errors: ErrorMode
}

export const GUARD_SETTINGS: symbol = Symbol('hallpass guard settings')

const NO_SETTINGS: GuardSettings = { defaults: {}, errors: 'throw' }

interface RouteGuard {
  readonly guard: Guard<unknown>
  /** Guards of the same class, service and options decide alike. */
  readonly by: readonly unknown[]
}

/**
 * Lets a request pass only with a good token: `@UseGuards(TokenGuard)`, or `APP_GUARD` for all routes. Asks for what
 * `@RequireToken()` says; without it, for any good token. A refusal is a `TokenDeniedException`. Named twice for one
 * HTTP request (globally and on the route), it decides and charges once.
 */
@Injectable()
export class TokenGuard implements CanActivate {
  private readonly tokenService: TokenService
  private readonly guardSettings: GuardSettings
  private readonly routeGuards: WeakMap<object, WeakMap<object, RouteGuard | 'public'>> = new WeakMap()

  constructor(
    @Inject(TokenService) service: TokenService,
    @Optional() @Inject(GUARD_SETTINGS) settings: GuardSettings = NO_SETTINGS,
  ) {
    this.tokenService = service
    this.guardSettings = settings
  }

  /**
   * The request that carries the token. Override it where the arguments of a handler are no HTTP request: return the
   * request of Express or Fastify that a GraphQL operation came with, or `{ headers: { authorization } }` for a
   * message. Without the target of an HTTP request, and for all messages, tokens that are bound to addresses, paths
   * or methods are refused.
   */
  getRequest(context: ExecutionContext): unknown {
    return context.switchToHttp().getRequest()
  }

  /** @throws TokenDeniedException */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const route = this.routeGuard(context)
    if (route === 'public') return true
    const isHttp = context.getType() === 'http'
    if (isHttp && hasDecided(context, route)) return true
    const request = this.getRequest(context)
    const incoming = isMessage(context) ? null : toIncoming(request)
    const result =
      incoming === null
        ? route.guard(toBareRequest(request), null, request)
        : route.guard(incoming, readOriginalTarget(incoming), request)
    return 'then' in result
      ? result.then((settled) => this.settle(settled, context, route))
      : this.settle(result, context, route)
  }

  private routeGuard(context: ExecutionContext): RouteGuard | 'public' {
    const handler = context.getHandler()
    const controller = context.getClass()
    const known = this.routeGuards.get(controller)?.get(handler)
    if (known !== undefined) return known
    const options = readRouteOptions(handler, controller, this.guardSettings.defaults)
    const made: RouteGuard | 'public' =
      options === null
        ? 'public'
        : {
            guard: createGuard(this.tokenService, options),
            by: [this.constructor, this.tokenService, this.guardSettings],
          }
    const handlers = this.routeGuards.get(controller) ?? new WeakMap<object, RouteGuard | 'public'>()
    this.routeGuards.set(controller, handlers.set(handler, made))
    return made
  }

  private settle(result: GuardResult, context: ExecutionContext, { by }: RouteGuard): true {
    const isHttp = context.getType() === 'http'
    if (result.pass) {
      if (isHttp && result.headers !== null) setHeaders(result.headers, context.switchToHttp().getResponse())
      keepAdmission(context, { auth: result.auth, handler: context.getHandler(), by })
      return true
    }
    const { denial, response } = result
    if (!isHttp) throw new TokenDeniedException(denial, response)
    const Refusal = this.guardSettings.errors === 'respond' ? AnsweredDenialException : TokenDeniedException
    throwToFilters(new Refusal(denial, response), context.switchToHttp().getResponse())
  }
}

/** Options that are wrong refuse at the start, not with the first request. @throws ConfigurationError */
export function assertGuardOptions(
  service: TokenService,
  options: GuardOptions<unknown>,
  where: string,
): void {
  try {
    createGuard(service, options)
  } catch (error) {
    if (error instanceof ConfigurationError) throw new ConfigurationError(`${where}: ${error.message}`)
    throw error
  }
}

function hasDecided(context: ExecutionContext, { by }: RouteGuard): boolean {
  const admission = readAdmission(context)
  return (
    admission !== undefined &&
    admission.handler === context.getHandler() &&
    admission.by.every((part, i) => part === by[i])
  )
}

/** The request that opened the connection says nothing of the message that came over it. */
function isMessage(context: ExecutionContext): boolean {
  return context.getType() === 'ws' || context.getType() === 'rpc'
}

/** A request that has headers and nothing else: no method, no target, no address. */
function toBareRequest(request: unknown): IncomingMessage {
  // Not imported: an import asks for everything that node:http has, and some of it loads a whole HTTP client.
  const http = process.getBuiltinModule('node:http')
  const bare = new http.IncomingMessage(new Socket())
  bare.rawHeaders.push(...readHeaderLines(request))
  return bare
}

function readHeaderLines(request: unknown): readonly string[] {
  const incoming = toIncoming(request)
  if (incoming !== null) return incoming.rawHeaders
  if (typeof request !== 'object' || request === null || !('headers' in request)) return []
  const { headers } = request
  if (typeof headers !== 'object' || headers === null) return []
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value]).flatMap((text) =>
      typeof text === 'string' ? [name, text] : [],
    ),
  )
}
