import { createNodeRequest, type Handler } from '@hallpass/http'
import {
  All,
  Controller,
  type ControllerOptions,
  Inject,
  type InjectionToken,
  NotFoundException,
  Req,
  Res,
  SetMetadata,
  type Type,
} from '@nestjs/common'
import type { HttpAdapterHost } from '@nestjs/core'
import { Public } from './decorators.ts'
import { HallpassException, throwToFilters } from './hallpass-exception.ts'
import type { ErrorMode } from './hallpass-options.ts'
import {
  type NativeResponse,
  type RoutedRequest,
  readOriginalTarget,
  readParsedBody,
  readRoutePath,
  sendResponse,
  toIncoming,
} from './platform.ts'
import { keepBodiesRaw, RAW_BODY } from './raw-bodies.ts'

/** Where a handler stands. */
export interface RoutePlace {
  /** Below the global prefix and the version: `tokens`. The handler answers it and everything below it. */
  readonly path: string
  /** Default: the application's default version. */
  readonly version?: ControllerOptions['version']
}

/** A handler as it is injected into its controller. */
export interface PlacedHandler {
  readonly handler: Handler
  /** `throw`: refusals are JSON with a code, and go to the application's filters. */
  readonly errors: ErrorMode
}

/**
 * A controller that answers with a handler: a class of its own for each call, since its path is written on it. It is
 * exempt from `TokenGuard`, because handlers ask for credentials themselves; all else that is global applies.
 * @param token what the handler is provided as; null = there is none to place
 */
export function createHandlerController(token: InjectionToken): Type {
  @Public()
  @Controller()
  class HandlerController {
    private readonly placed: PlacedHandler | null

    constructor(@Inject(token) placed: PlacedHandler | null) {
      this.placed = placed
    }

    async handle(@Req() request: RoutedRequest, @Res() response: NativeResponse): Promise<void> {
      const incoming = toIncoming(request)
      if (this.placed === null) throw new NotFoundException()
      if (incoming === null) throw new TypeError('this HTTP adapter is neither Express nor Fastify')
      const originalTarget = readOriginalTarget(incoming)
      const answer = await this.placed.handler(
        createNodeRequest(incoming, {
          target: stripMount(originalTarget, readRoutePath(request)),
          originalTarget,
          native: request,
          parsedBody: readParsedBody(request),
        }),
      )
      if (this.placed.errors === 'throw' && answer.status >= 400) {
        throwToFilters(new HallpassException(answer), response)
      }
      sendResponse(answer, response, incoming.method ?? '')
    }
  }
  return HandlerController
}

/**
 * Writes path, version and routes on a controller, in the spelling of the platform that the application turned out
 * to have. To be called while modules are configured: the platform is known by then, and the routes are not read yet.
 */
export function placeController(
  controller: Type,
  { path, version }: RoutePlace,
  { httpAdapter }: HttpAdapterHost,
): void {
  Controller({ path, ...(version !== undefined && { version }) })(controller)
  const handle = Object.getOwnPropertyDescriptor(controller.prototype, 'handle') ?? {}
  // path-to-regexp has no bare `*`, and find-my-way has nothing else.
  All(['', httpAdapter.getType() === 'express' ? '{*path}' : '*'])(controller.prototype, 'handle', handle)
  SetMetadata(RAW_BODY.metadata, RAW_BODY.config)(controller.prototype, 'handle', handle)
  if (httpAdapter.getType() === 'fastify') keepBodiesRaw(httpAdapter.getInstance())
}

/**
 * The raw target below a mount. The router compared segment by segment, so as many segments are taken off as its
 * pattern has before the wildcard.
 */
export function stripMount(target: string, routePath: string): string {
  if (!target.startsWith('/')) return target
  const mark = target.indexOf('?')
  const end = mark === -1 ? target.length : mark
  let at = 0
  for (const _ of routePath.matchAll(/\/[^/*{]+/g)) {
    const next = target.indexOf('/', at + 1)
    at = next === -1 || next > end ? end : next
  }
  const rest = target.slice(at)
  return rest.startsWith('/') ? rest : `/${rest}`
}
