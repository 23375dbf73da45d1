// @ts-check
import { sendError } from './send-error.js'

/**
 * Express's own 404 repeats the path, and a path may hold a token. This one does not.
 * @param {import('express').Request} _req
 * @param {import('express').Response} res
 */
export function answerNotFound(_req, res) {
  sendError(res, 404, 'not_found', 'there is nothing here')
}

/**
 * The last handler: what went wrong is said in a word, never with a stack, a path or a token.
 * @param {unknown} error
 * @param {import('express').Request} _req
 * @param {import('express').Response} res
 * @param {import('express').NextFunction} _next Express knows an error handler by its four parameters
 */
export function answerError(error, _req, res, _next) {
  if (res.headersSent) {
    res.destroy()
    return
  }
  console.error(`a request failed: ${error instanceof Error ? error.name : typeof error}`)
  sendError(res, 500, 'internal_error', 'something went wrong')
}
