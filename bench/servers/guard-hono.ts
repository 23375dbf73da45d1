import { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { type GuardSetup, toAnswer, unknownSubject } from '../harness/guard-setup.ts'
import { serve } from '../harness/serve.ts'

await serve<GuardSetup>(async (setup) => {
  const { subject, secret } = setup
  const app = new Hono()
  if (subject === 'hono/jwt') {
    const { jwt } = await import('hono/jwt')
    app.use('/files/*', jwt({ secret, alg: 'HS256' }))
  } else if (subject !== 'bare') throw unknownSubject(setup)
  app.get('/files/:name', (context) => context.json(toAnswer(context.req.param('name'))))
  const server = createAdaptorServer({ fetch: app.fetch })
  if (!(server instanceof Server)) throw new Error('Hono made a server of another kind')
  return { server }
})
