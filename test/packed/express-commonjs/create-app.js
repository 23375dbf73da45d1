const { createTokenService } = require('@hallpass/core')
const { requireToken, tokenRoutes } = require('@hallpass/express')
const { basicAuth } = require('@hallpass/http')
const { createSqliteStore } = require('@hallpass/store-sqlite')
const express = require('express')

const admin = { id: 'admin', projects: '*', subjects: '*', can: ['issue', 'read', 'list', 'revoke'] }

async function createApp() {
  const service = await createTokenService({
    issuer: 'https://reports.example',
    store: await createSqliteStore(process.env.DATABASE ?? 'tokens.sqlite'),
    keys: { masterSecret: 'A'.repeat(43) },
  })
  const authorize = basicAuth({ users: { admin: { password: 'for this test', principal: admin } } })
  const app = express()
  app.use('/tokens', tokenRoutes(service, { authorize }))
  app.post('/reports/tokens', async (_req, res) => {
    const { token } = await service.issue({ subject: 'ann', scope: ['reports.read'] })
    res.json({ token })
  })
  app.get('/reports', requireToken(service, { scope: ['reports.read'] }), (req, res) => {
    res.json({ reader: req.auth.token.subject })
  })
  return { app, service }
}

module.exports = { createApp }
