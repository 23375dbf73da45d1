// @ts-check
import { answerNotFound } from './errors.js'
import { sendError } from './send-error.js'

/**
 * Answers what the guard let pass and no file answers. The credit goes back: nothing was served for it.
 * @param {import('@hallpass/core').TokenService} service
 * @returns {import('express').RequestHandler}
 */
export function answerNotServed(service) {
  return async (/** @type {import('@hallpass/express').AuthedRequest} */ req, res) => {
    if (req.auth?.spend) await service.refund(req.auth.spend)
    if (req.method === 'GET' || req.method === 'HEAD') {
      answerNotFound(req, res)
    } else {
      res.setHeader('allow', 'GET, HEAD')
      sendError(res, 405, 'method_not_allowed', 'files can only be read')
    }
  }
}
