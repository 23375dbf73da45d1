import { createTokenService } from '@hallpass/core'
import { mount } from '@hallpass/express'
import { createSqliteStore } from '@hallpass/store-sqlite'
import express from 'express'
import { data8 } from '../../../src/index.ts'

/** `serve.ts <path> <secret>`: serves the API on a database until it is killed, and prints its address. */
const [path = '', masterSecret = ''] = process.argv.slice(2)
const service = await createTokenService({
  issuer: 'urn:test',
  store: await createSqliteStore(path),
  keys: { masterSecret },
  maintenance: false,
  storeTimeoutMs: 20_000,
})
const account = {
  id: 'ada',
  projects: ['default'],
  subjects: ['ada'],
  can: ['issue'],
  company: 'Ada Ltd',
} as const
const app = express()
app.use('/data8', mount(data8(service, { authenticate: () => account })))
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`http://127.0.0.1:${address?.port}/data8\n`)
})
