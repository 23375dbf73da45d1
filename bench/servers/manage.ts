import { createServer } from 'node:http'
import type { TokenService } from '@hallpass/core'
import { tokenRoutes } from '@hallpass/express'
import express, { type Router } from 'express'
import * as z from 'zod'
import { authorize, toPrincipal } from '../harness/caller.ts'
import { serve } from '../harness/serve.ts'
import { openService, type ServicePlace, STRICT } from '../harness/tokens.ts'

interface ManageSetup {
  readonly subject: 'hallpass' | 'hand-written'
  readonly place: ServicePlace
}

await serve<ManageSetup>(async ({ subject, place }) => {
  const service = await openService(place, STRICT)
  const app = express()
  // Ours sends none: nobody may keep its answers. Hashing them would be work for the hand-written routes alone.
  app.disable('etag')
  app.use('/tokens', subject === 'hallpass' ? tokenRoutes(service, { authorize }) : createRoutes(service))
  return { server: createServer(app), close: () => service.close() }
})

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

/** The fields of our route, as one would write them down without it. */
const issueBody = z.strictObject({
  project: z.string().exactOptional(),
  subject: z.string().exactOptional(),
  name: z.string().nullable().exactOptional(),
  application: z.string().exactOptional(),
  notBefore: time.exactOptional(),
  expiresIn: z.union([z.number(), z.string()]).exactOptional(),
  expiresAt: time.nullable().exactOptional(),
  ip: z.array(z.string()).exactOptional(),
  paths: z.array(z.string()).nullable().exactOptional(),
  scope: z.array(z.string()).exactOptional(),
  httpMethods: z.array(z.string()).nullable().exactOptional(),
  credits: z.int().min(1).nullable().exactOptional(),
  pool: z.string().nullable().exactOptional(),
  claims: z.record(z.string(), z.json()).exactOptional(),
  uniqueName: z.boolean().exactOptional(),
})

/** What an application would write by itself for the same answers. */
function createRoutes(service: TokenService): Router {
  const router = express.Router()
  router.use((req, res, next) => {
    res.locals.principal = toPrincipal(req.headers.authorization)
    if (res.locals.principal === null) return void res.sendStatus(401)
    res.set('cache-control', 'no-store')
    next()
  })
  router.get('/:id', async (req, res) => {
    const record = await service.get('default', req.params.id)
    if (record === null || record.subject !== 'ada') res.status(404).json({ error: 'not_found' })
    else res.json(record)
  })
  router.post('/', express.json({ limit: '64kb' }), async (req, res) => {
    const body = issueBody.safeParse(req.body)
    if (!body.success) return void res.status(400).json({ error: 'invalid_request' })
    const { token, record } = await service.issue({
      ...body.data,
      project: 'default',
      subject: 'ada',
      createdBy: 'operator',
    })
    res.status(201).json({ token, ...record })
  })
  return router
}
