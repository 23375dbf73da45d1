import { createServer } from 'node:http'
import { requireToken } from '@hallpass/koa'
import Koa, { type Middleware } from 'koa'
import { type GuardSetup, isOurs, SCOPE, toAnswer, unknownSubject } from '../harness/guard-setup.ts'
import { serve } from '../harness/serve.ts'
import { openGuarded } from '../harness/tokens.ts'

async function createGuards(setup: GuardSetup): Promise<readonly Middleware[]> {
  const { subject, place, secret } = setup
  if (isOurs(subject)) return [requireToken(await openGuarded(subject, place), { scope: [SCOPE] })]
  switch (subject) {
    case 'bare':
      return []
    case 'koa-jwt': {
      const { default: jwt } = await import('koa-jwt')
      return [jwt({ secret, algorithms: ['HS256'] })]
    }
    default:
      throw unknownSubject(setup)
  }
}

const FOLDER = '/files/'

await serve<GuardSetup>(async (setup) => {
  const app = new Koa()
  for (const guard of await createGuards(setup)) app.use(guard)
  // Koa has no router of its own.
  app.use((ctx) => {
    if (ctx.method === 'GET' && ctx.path.startsWith(FOLDER))
      ctx.body = toAnswer(ctx.path.slice(FOLDER.length))
  })
  return { server: createServer(app.callback()) }
})
