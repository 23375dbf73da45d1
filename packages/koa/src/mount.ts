import { assertOptions, ConfigurationError, type KnownMembers } from '@hallpass/core'
import { checkHandler, createNodeRequest, type Handler } from '@hallpass/http'
import type { Context, Middleware } from 'koa'
import { respond } from './respond.ts'

export interface MountOptions {
  /**
   * The path that the handler stands at, as it is sent: `/tokens`. Compared with what is left of the path, so under
   * koa-mount it comes after that mount's own. Default: the handler answers every request that reaches it.
   */
  readonly prefix?: string
}

const NAMES: KnownMembers<MountOptions> = { prefix: true }

/**
 * Middleware that answers everything below its mount with `handler`; a request outside of `prefix` goes on. May stand
 * before or after a body parser.
 * @throws ConfigurationError for what is no handler and a `prefix` that no path can begin with, at once
 */
export function mount(handler: Handler, options: MountOptions = {}): Middleware<object, object> {
  checkHandler(handler)
  const prefix = parsePrefix(options)
  return async (ctx: Context, next) => {
    const target = stripPrefix(ctx.url, prefix)
    if (target === null) return next()
    const request = createNodeRequest(ctx.req, {
      target,
      originalTarget: ctx.originalUrl,
      native: ctx,
      parsedBody: readParsedBody(ctx),
    })
    const response = handler(request)
    respond(ctx, 'then' in response ? await response : response)
  }
}

function parsePrefix(options: MountOptions): string {
  assertOptions(options, NAMES, 'a mount has')
  const { prefix = '' } = options
  if (typeof prefix !== 'string' || !/^(?:\/[\w.~!$&'()*+,;=:@%-]+)*$/.test(prefix)) {
    throw new ConfigurationError(
      '`prefix` is a path as it is sent, such as /tokens, without a slash at its end',
    )
  }
  return prefix
}

/** The raw target below the prefix, as Express would hand it over; null = outside. */
function stripPrefix(target: string, prefix: string): string | null {
  if (!target.startsWith(prefix)) return null
  const rest = target.slice(prefix.length)
  if (prefix === '' || rest.startsWith('/')) return rest
  return rest === '' || rest.startsWith('?') ? `/${rest}` : null
}

/** What a body parser left. The text it read comes first: a parsed object no longer shows duplicate members. */
function readParsedBody({ request }: Context): unknown {
  if ('rawBody' in request && typeof request.rawBody === 'string') return Buffer.from(request.rawBody)
  return 'body' in request ? request.body : undefined
}
