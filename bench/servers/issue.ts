import { createServer } from 'node:http'
import { readLimitClaims, type TokenProfile, type TokenService, toLimitClaims } from '@hallpass/core'
import { tokenRoutes } from '@hallpass/express'
import express, { type Router } from 'express'
import { authorize, toPrincipal } from '../harness/caller.ts'
import { serve } from '../harness/serve.ts'
import { openService, type ServicePlace, STRICT } from '../harness/tokens.ts'

interface IssueSetup {
  readonly subject: string
  readonly place: ServicePlace
}

/** A kind of token that says what the native one says, signed with HS256. */
const HS256: TokenProfile = {
  name: 'bench-hs256',
  typ: 'at+jwt',
  algorithm: 'HS256',
  issuer: 'https://bench.example',
  audience: 'https://bench.example',
  idClaim: 'jti',
  requireExpiry: true,
  toClaims: (token) => ({
    ...token.claims,
    sub: token.subject,
    client_id: token.application,
    project: token.project,
    ...toLimitClaims(token),
  }),
  fromClaims({ jti, sub, client_id: application, ...claims }, project) {
    const limits = readLimitClaims(claims)
    if (typeof jti !== 'string' || typeof sub !== 'string' || typeof application !== 'string') return null
    return limits && { id: jti, project, subject: sub, application, ...limits }
  },
}

await serve<IssueSetup>(async ({ subject, place }) => {
  const app = express()
  const service = subject.startsWith('hallpass') ? await openService(place, STRICT) : null
  app.use(
    '/tokens',
    service === null
      ? await createPeerRoute(place)
      : tokenRoutes(subject === 'hallpass, HS256' ? withProfile(service, HS256) : service, { authorize }),
  )
  return { server: createServer(app), ...(service !== null && { close: () => service.close() }) }
})

/** The native routes issue native tokens; this way the same routes issue others. */
function withProfile(service: TokenService, profile: TokenProfile): TokenService {
  return { ...service, issue: (input) => service.issue({ ...input, profile }) }
}

async function createPeerRoute(place: ServicePlace): Promise<Router> {
  const { openBetterAuth } = await import('../harness/better-auth.ts')
  const keys = await openBetterAuth(place.file)
  const router = express.Router()
  router.post('/', express.json(), async (req, res) => {
    if (toPrincipal(req.headers.authorization) === null) return void res.sendStatus(401)
    const { name, expiresIn } = req.body as { name: string; expiresIn: number }
    res.status(201).json(await keys.create({ name, expiresIn }))
  })
  return router
}
