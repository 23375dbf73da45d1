// @ts-check
import { sendError } from './send-error.js'

/** The errors of reading a file that are the client's doing, by status. */
const FILE_ERRORS = new Map([
  [412, 'precondition_failed'],
  [416, 'range_not_satisfiable'],
])

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
  const status = readStatus(error)
  const code = FILE_ERRORS.get(status)
  if (code !== undefined) {
    sendError(res, status, code, 'the file cannot be sent in the way that was asked for')
  } else {
    console.error(`a request failed: ${error instanceof Error ? error.name : typeof error}`)
    sendError(res, 500, 'internal_error', 'something went wrong')
  }
}

/** @param {unknown} error */
function readStatus(error) {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500
}
