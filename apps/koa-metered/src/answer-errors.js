// @ts-check
import { GuardDenialError } from '@hallpass/koa'
import { ApiError } from './api-error.js'
import { setRemaining } from './remaining.js'

/**
 * Turns everything that goes wrong further in into one form of JSON, and a request that nobody answers into 404.
 * What went wrong is never said with a stack, a path or a token.
 * @type {import('koa').Middleware<object, object>}
 */
export async function answerErrors(ctx, next) {
  try {
    await next()
    if (ctx.status === 404 && ctx.body === undefined)
      throw new ApiError(404, 'not_found', 'there is nothing here')
  } catch (error) {
    if (error instanceof GuardDenialError) {
      // What the guard would have answered by itself, and how much is left when that is why.
      const { remaining } = error.denial.details ?? {}
      if (remaining !== undefined) setRemaining(ctx, remaining)
      ctx.status = error.status
      ctx.set({ ...error.headers })
      ctx.body = error.body
    } else if (error instanceof ApiError) {
      sendError(ctx, error)
    } else {
      console.error(`a request failed: ${error instanceof Error ? error.name : typeof error}`)
      sendError(ctx, new ApiError(500, 'internal_error', 'something went wrong'))
    }
  }
}

/**
 * @param {import('koa').ParameterizedContext<object, object>} ctx
 * @param {ApiError} error
 */
function sendError(ctx, { status, code, message }) {
  ctx.status = status
  ctx.body = { error: code, message }
}
