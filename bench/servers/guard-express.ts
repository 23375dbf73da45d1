import { createServer } from 'node:http'
import { requireToken } from '@hallpass/express'
import express, { type RequestHandler } from 'express'
import { type GuardSetup, isOurs, SCOPE, toAnswer, unknownSubject } from '../harness/guard-setup.ts'
import { serve } from '../harness/serve.ts'
import { ISSUER, openGuarded } from '../harness/tokens.ts'

/** Peers are loaded only where they are what is measured. */
async function createGuards(setup: GuardSetup): Promise<readonly RequestHandler[]> {
  const { subject, place, secret } = setup
  if (isOurs(subject)) return [requireToken(await openGuarded(subject, place), { scope: [SCOPE] })]
  switch (subject) {
    case 'bare':
      return []
    case 'express-jwt': {
      const { expressjwt } = await import('express-jwt')
      return [expressjwt({ secret, algorithms: ['HS256'] })]
    }
    case 'express-oauth2-jwt-bearer': {
      const { auth } = await import('express-oauth2-jwt-bearer')
      return [auth({ issuer: ISSUER, audience: ISSUER, secret, tokenSigningAlg: 'HS256' })]
    }
    case 'passport-jwt': {
      const { default: passport } = await import('passport')
      const { Strategy, ExtractJwt } = await import('passport-jwt')
      const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken()
      passport.use(
        new Strategy({ jwtFromRequest, secretOrKey: secret, algorithms: ['HS256'] }, (payload, done) =>
          done(null, payload),
        ),
      )
      return [passport.authenticate('jwt', { session: false })]
    }
    default:
      throw unknownSubject(setup)
  }
}

await serve<GuardSetup>(async (setup) => {
  const app = express()
  app.get('/files/:name', ...(await createGuards(setup)), (req, res) => {
    res.json(toAnswer(String(req.params.name)))
  })
  return { server: createServer(app) }
})
