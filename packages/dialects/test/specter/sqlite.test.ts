import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { startExpress } from '../hosts.ts'
import { startSpecter, TOKENS } from './start-specter.ts'

it('of parallel requests to two servers on one SQLite file exactly one gets the description', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'specter-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const open = async () =>
    startSpecter(startExpress, { store: await createSqliteStore(join(folder, 'tokens.sqlite')) })
  const servers = [await open(), await open()]
  const body = { jwt_token_description: 'wanted by all', jwt_token_life: '1 hour' }
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => servers.map(({ call }) => call('POST', TOKENS, { body }))).flat(),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(400)])
  const token = String(answers.find(({ status }) => status === 201)?.body.jwt_token)
  for (const { whoami } of servers) expect((await whoami(token)).status).toBe(200)
})
