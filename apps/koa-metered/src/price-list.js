// @ts-check
import { ROUTES } from './routes.js'

const PRICES = ROUTES.map(({ method, path, cost, summary }) => ({ method, path, cost, summary }))

/**
 * `GET /`: what there is and what it costs. Needs no token.
 * @type {import('koa').Middleware<object, object>}
 */
export async function answerPriceList(ctx, next) {
  if (ctx.path !== '/' || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next()
  ctx.body = { routes: PRICES, tokens: '/tokens/openapi.json' }
}
