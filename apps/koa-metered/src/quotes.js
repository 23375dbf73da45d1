// @ts-check
import { ApiError } from './api-error.js'

/** Cents for the first kilogram, and for each one after it. */
const TARIFF = new Map([
  ['DK', { first: 690, more: 120 }],
  ['NO', { first: 940, more: 210 }],
  ['SE', { first: 820, more: 180 }],
])
const MAX_GRAMS = 30_000

/**
 * `GET /v1/quotes?to=NO&grams=1500`: the price of a parcel.
 * @param {import('koa').ParameterizedContext<object, object>} ctx
 */
export function answerQuote(ctx) {
  const { to, grams: gramsText = '' } = ctx.query
  const grams = typeof gramsText === 'string' && /^\d{1,5}$/.test(gramsText) ? Number(gramsText) : 0
  if (grams < 1 || grams > MAX_GRAMS) {
    throw new ApiError(400, 'invalid_request', `grams must be a whole number from 1 to ${MAX_GRAMS}`)
  }
  if (typeof to !== 'string' || !/^[A-Z]{2}$/.test(to)) {
    throw new ApiError(400, 'invalid_request', 'to must be a country in two capital letters, like NO')
  }
  const tariff = TARIFF.get(to)
  if (tariff === undefined) throw new ApiError(404, 'no_such_destination', 'we do not send parcels there')
  const cents = tariff.first + (Math.ceil(grams / 1000) - 1) * tariff.more
  return { to, grams, price: (cents / 100).toFixed(2), currency: 'EUR' }
}
