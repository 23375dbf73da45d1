// @ts-check
import { mount } from '@hallpass/express'
import express from 'express'
import { createData8 } from './apis/data8.js'
import { createI3d } from './apis/i3d.js'
import { createMagicbell } from './apis/magicbell.js'
import { createServicestack } from './apis/servicestack.js'
import { createSpecter } from './apis/specter.js'
import { answerError, answerNotFound } from './errors.js'

/**
 * The app: each API below its own path, all on one service.
 * @param {import('@hallpass/core').TokenService} service
 * @param {import('./credentials.js').Credentials} credentials
 * @returns {Promise<import('express').Express>}
 */
export async function createApp(service, credentials) {
  const app = express()
  app.disable('x-powered-by')
  app.enable('case sensitive routing')
  app.use('/i3d', mount(createI3d(service, credentials.i3d)))
  app.use('/specter', mount(createSpecter(service, credentials.specter)))
  app.use('/magicbell', mount(createMagicbell(service)))
  app.use('/data8', mount(await createData8(service, credentials.data8)))
  app.use('/servicestack', mount(createServicestack(service, credentials.servicestack)))
  app.use(answerNotFound)
  app.use(answerError)
  return app
}
