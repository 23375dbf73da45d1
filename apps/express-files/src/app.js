// @ts-check
import { fileURLToPath } from 'node:url'
import { requireToken, tokenRoutes } from '@hallpass/express'
import { basicAuth } from '@hallpass/http'
import express from 'express'
import { answerError, answerNotFound } from './errors.js'
import { answerNotServed, refundFailure } from './not-served.js'
import { createPage } from './page.js'

const FILES = fileURLToPath(new URL('../files', import.meta.url))

/**
 * The app: a page at `/`, the token routes at `/tokens`, the files behind tokens at `/files`.
 * @param {import('@hallpass/core').TokenService} service
 * @param {{ adminPassword: string, origin: string }} options
 * @returns {import('express').Express}
 */
export function createApp(service, { adminPassword, origin }) {
  const authorize = basicAuth({ users: { admin: { password: adminPassword, principal: ADMIN } } })
  const guard = requireToken(service, { from: ['header', { query: 'token' }], cost: 1, requirePaths: true })

  const app = express()
  app.disable('x-powered-by')
  app.enable('case sensitive routing')
  app.get('/', createPage(origin))
  app.use('/tokens', tokenRoutes(service, { authorize }))
  app.use('/files', guard, express.static(FILES, STATIC), answerNotServed(service), refundFailure(service))
  app.use(answerNotFound)
  app.use(answerError)
  return app
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

/** @type {import('serve-static').ServeStaticOptions} */
const STATIC = {
  dotfiles: 'deny',
  index: false,
  redirect: false,
  // Express would write `public`, and shared caches would keep what only a token opens.
  cacheControl: false,
  setHeaders(res) {
    res.setHeader('cache-control', 'private, no-cache')
    res.setHeader('x-content-type-options', 'nosniff')
    // A served HTML file runs no scripts in the origin of the token routes.
    res.setHeader('content-security-policy', "script-src 'none'; base-uri 'none'; form-action 'none'")
  },
}
