// @ts-check

/**
 * An error in the form that all of Hallpass's answers have.
 * @param {import('node:http').ServerResponse} res
 * @param {number} status
 * @param {string} error
 * @param {string} message
 */
export function sendError(res, status, error, message) {
  const body = JSON.stringify({ error, message })
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  // Node leaves the body out for HEAD.
  res.end(body)
}
