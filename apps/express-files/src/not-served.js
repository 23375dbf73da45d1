// @ts-check
import { answerNotFound } from './errors.js'
import { sendError } from './send-error.js'

/**
 * Gives the credit back where a file cannot be sent as it was asked for, and leaves the answer to others.
 * @param {import('@hallpass/core').TokenService} service
 * @returns {import('express').ErrorRequestHandler}
 */
export function refundFailure(service) {
  return async (error, /** @type {import('@hallpass/express').AuthedRequest} */ req, res, next) => {
    if (req.auth?.spend && !res.headersSent) await giveBack(service, req.auth.spend)
    next(error)
  }
}

/**
 * Answers what the guard let pass and no file answers. The credit goes back: nothing was served for it.
 * @param {import('@hallpass/core').TokenService} service
 * @returns {import('express').RequestHandler}
 */
export function answerNotServed(service) {
  return async (/** @type {import('@hallpass/express').AuthedRequest} */ req, res) => {
    if (req.auth?.spend) await giveBack(service, req.auth.spend)
    if (req.method === 'GET' || req.method === 'HEAD') {
      answerNotFound(req, res)
    } else {
      res.setHeader('allow', 'GET, HEAD')
      sendError(res, 405, 'method_not_allowed', 'files can only be read')
    }
  }
}

/**
 * @param {import('@hallpass/core').TokenService} service
 * @param {import('@hallpass/core').SpendReceipt} spend
 */
async function giveBack(service, spend) {
  try {
    await service.refund(spend)
  } catch {
    // The answer stays what it is; the receipt is what the credits can be given back by later, for one day.
    console.error(`credits were not given back: receipt ${spend.receipt}, ${spend.cost} credits`)
  }
}
