// @ts-check
import { setRemaining } from './remaining.js'

/**
 * Stands behind the guard, which has charged the request already. Says what is left, and gives the charge back when
 * the request was not served: its handler threw, or answered 400 and above.
 * @param {import('@hallpass/core').TokenService} service
 * @returns {import('koa').Middleware<import('@hallpass/koa').AuthedState, object>}
 */
export function createMeter(service) {
  return async (ctx, next) => {
    const { spend, record } = ctx.state.auth
    // A token without credits of its own may draw from a pool, or not be metered at all.
    const remaining = spend?.remaining ?? spend?.poolRemaining ?? record?.credits?.remaining
    if (remaining !== undefined) setRemaining(ctx, remaining)
    if (spend === null) return next()
    let isServed = false
    try {
      await next()
      isServed = ctx.status < 400
    } finally {
      if (!isServed && (await giveBack(service, spend)) && remaining !== undefined) {
        setRemaining(ctx, remaining + spend.cost)
      }
    }
  }
}

/**
 * @param {import('@hallpass/core').TokenService} service
 * @param {import('@hallpass/core').SpendReceipt} spend
 */
async function giveBack(service, spend) {
  try {
    return (await service.refund(spend)) === 'refunded'
  } catch {
    // The answer stays what it is; the receipt is what the credits can be given back by later, for one day.
    console.error(`credits were not given back: receipt ${spend.receipt}, ${spend.cost} credits`)
    return false
  }
}
