import type { HttpResponse } from '@hallpass/http/guard'
import type { Context } from 'koa'

/**
 * Answers through `ctx.status` and `ctx.body`, never through `ctx.res`: Koa sends when all middleware has returned,
 * so loggers, response times, ETags and compression around us work as they do for any other answer.
 */
export function respond(ctx: Context, { status, headers, body }: HttpResponse): void {
  ctx.set(headers)
  ctx.status = status
  const typed = ctx.res.hasHeader('content-type')
  // Koa would send a null body as 204 or as the status text, and a plain Uint8Array as JSON.
  ctx.body =
    body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : (body ?? '')
  // Koa guesses a type where none was meant to be.
  if (!typed) ctx.remove('content-type')
}
