import { createServer } from 'node:http'
import { requireToken } from '@hallpass/express'
import express, { type RequestHandler } from 'express'
import { serve } from '../harness/serve.ts'
import { openService, type ServicePlace, STRICT } from '../harness/tokens.ts'

interface SpendSetup {
  readonly subject: 'hallpass' | 'better-auth'
  readonly place: ServicePlace
}

interface Guarded {
  readonly guard: RequestHandler
  readonly commands?: Readonly<Record<string, (input: unknown) => unknown>>
  close?(): Promise<void>
}

await serve<SpendSetup>(async ({ subject, place }) => {
  const { guard, ...served } = await (subject === 'hallpass' ? createGuard(place) : createPeerGuard(place))
  const app = express()
  app.get('/reports/:name', guard, (req, res) => {
    res.json({ name: req.params.name, bytes: 1024 })
  })
  return { server: createServer(app), ...served }
})

async function createGuard(place: ServicePlace): Promise<Guarded> {
  const service = await openService(place, STRICT)
  return { guard: requireToken(service, { cost: 1 }), close: () => service.close() }
}

async function createPeerGuard(place: ServicePlace): Promise<Guarded> {
  const { openBetterAuth } = await import('../harness/better-auth.ts')
  const keys = await openBetterAuth(place.file)
  return {
    async guard(req, res, next) {
      const [scheme, key = ''] = req.headers.authorization?.split(' ') ?? []
      if (scheme === 'Bearer' && (await keys.verify(key))) next()
      else res.sendStatus(401)
    },
    commands: {
      async createKeys(input) {
        const { count, remaining } = input as { count: number; remaining: number }
        const created: string[] = []
        for (let i = 0; i < count; i += 1) {
          const { key } = await keys.create({ name: 'bench', expiresIn: 86_400, remaining })
          created.push(key)
        }
        return created
      },
    },
  }
}
