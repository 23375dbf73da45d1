// @ts-check
import { basicAuth } from '@hallpass/http'
import { requireToken, tokenRoutes } from '@hallpass/koa'
import Koa from 'koa'
import { answerErrors } from './answer-errors.js'
import { createMeter } from './meter.js'
import { answerPriceList } from './price-list.js'
import { answerRoute, readCost } from './routes.js'

/**
 * The app: prices at `/`, the token routes at `/tokens`, the metered API below `/v1/`.
 * @param {import('@hallpass/core').TokenService} service
 * @param {{ adminPassword: string }} options
 */
export function createApp(service, { adminPassword }) {
  const authorize = basicAuth({ users: { admin: { password: adminPassword, principal: ADMIN } } })
  const app = new Koa()
  // Koa would print a stack; a client that goes away in the middle of its answer is no news either.
  app.on('error', (/** @type {unknown} */ error) => {
    console.error(`an answer was not sent: ${error instanceof Error ? error.name : typeof error}`)
  })
  return app
    .use(setDefaults)
    .use(answerErrors)
    .use(answerPriceList)
    .use(tokenRoutes(service, { authorize, prefix: '/tokens' }))
    .use(onlyBelowV1)
    .use(requireToken(service, { cost: readCost, errors: 'throw' }))
    .use(createMeter(service))
    .use(answerRoute)
}

/**
 * Every answer may have cost something, so no cache answers in our place.
 * @type {import('koa').Middleware<object, object>}
 */
async function setDefaults(ctx, next) {
  ctx.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  await next()
}

/**
 * Ends here for everything else: it gets a 404 whether it has a token or not.
 * @type {import('koa').Middleware<object, object>}
 */
async function onlyBelowV1(ctx, next) {
  if (ctx.path.startsWith('/v1/')) await next()
}

/**
 * May do everything with every token.
 * @type {import('@hallpass/core').Principal}
 */
const ADMIN = {
  id: 'admin',
  projects: '*',
  subjects: '*',
  can: ['issue', 'read', 'list', 'verify', 'update', 'revoke'],
}
