// @ts-check
import { ApiError } from './api-error.js'
import { answerQuote } from './quotes.js'
import { answerSummary } from './summaries.js'

/**
 * @typedef {object} Route
 * @property {'GET' | 'POST'} method
 * @property {string} path
 * @property {number} cost credits
 * @property {string} summary
 * @property {(ctx: import('koa').ParameterizedContext<object, object>) => object | Promise<object>} answer
 */

/**
 * Everything that the API sells, and for how much. A new route goes here and nowhere else.
 * @type {readonly Route[]}
 */
export const ROUTES = [
  {
    method: 'GET',
    path: '/v1/quotes',
    cost: 1,
    summary: 'What it costs to send a parcel: ?to=NO&grams=1500',
    answer: answerQuote,
  },
  {
    method: 'POST',
    path: '/v1/summaries',
    cost: 5,
    summary: 'The most telling sentences of a text: {"text": "…", "sentences": 2}',
    answer: answerSummary,
  },
]

/**
 * What a request costs: nothing where there is no route, and nothing for HEAD, which is answered without a body.
 * @param {{ readonly method: string, readonly path: string }} ctx
 */
export function readCost(ctx) {
  return ctx.method === 'HEAD' ? 0 : (findRoute(ctx)?.cost ?? 0)
}

/**
 * Answers with the route's JSON.
 * @type {import('koa').Middleware<object, object>}
 */
export async function answerRoute(ctx) {
  const route = findRoute(ctx)
  if (route !== undefined) {
    ctx.body = await route.answer(ctx)
    return
  }
  const methods = ROUTES.filter(({ path }) => path === ctx.path).map(({ method }) => method)
  if (methods.length === 0) throw new ApiError(404, 'not_found', 'there is nothing here')
  ctx.set('allow', methods.join(', '))
  throw new ApiError(405, 'method_not_allowed', `use ${methods.join(' or ')}`)
}

/** @param {{ readonly method: string, readonly path: string }} ctx */
function findRoute({ method, path }) {
  const wanted = method === 'HEAD' ? 'GET' : method
  return ROUTES.find((route) => route.method === wanted && route.path === path)
}
