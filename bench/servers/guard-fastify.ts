import Fastify, { type onRequestHookHandler } from 'fastify'
import { type GuardSetup, toAnswer, unknownSubject } from '../harness/guard-setup.ts'
import { serve } from '../harness/serve.ts'

const CACHED_TOKENS = 10_000

await serve<GuardSetup>(async (setup) => {
  const { subject, secret } = setup
  const app = Fastify()
  const hooks: onRequestHookHandler[] = []
  if (subject !== 'bare') {
    if (subject !== '@fastify/jwt' && subject !== '@fastify/jwt with its cache') throw unknownSubject(setup)
    const { default: jwt } = await import('@fastify/jwt')
    const cached = subject !== '@fastify/jwt'
    await app.register(jwt, {
      secret,
      verify: { algorithms: ['HS256'], ...(cached && { cache: CACHED_TOKENS }) },
    })
    hooks.push(async (request) => {
      await request.jwtVerify()
    })
  }
  app.get<{ Params: { name: string } }>('/files/:name', { onRequest: hooks }, async (request) =>
    toAnswer(request.params.name),
  )
  await app.ready()
  return { server: app.server }
})
