import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { afterEach, expect, it } from 'vitest'
import { createProjectToken, type MagicBellWire } from '../../src/index.ts'
import { startExpress } from '../hosts.ts'
import { type Bench, startMagicBell } from './start-magicbell.ts'

const folder = mkdtempSync(join(tmpdir(), 'hallpass-magicbell-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('keeps tokens, lists and idempotency keys over a restart on SQLite', async () => {
  const masterSecret = randomBytes(32).toString('base64url')
  const open = async (): Promise<Bench> =>
    startMagicBell(startExpress, {
      service: { store: await createSqliteStore(join(folder, 'tokens.db')), keys: { masterSecret } },
    })
  const headers = { 'idempotency-key': 'key-1' }
  const json = { email: 'ada@example.com', external_id: 'user-1' }

  const before = await open()
  const first = await createProjectToken(before.service, { idempotencyKey: 'first' })
  const [made, again] = await Promise.all([
    before.call('POST', '/jwt/user', { token: first.token, json, headers }),
    before.call('POST', '/jwt/user', { token: first.token, json, headers }),
  ])
  expect(again.body).toEqual(made.body)
  await before.close()

  const after = await open()
  expect((await createProjectToken(after.service, { idempotencyKey: 'first' })).token).toBe(first.token)
  const { token, token_id } = made.body as MagicBellWire.AccessTokenJson
  expect((await after.call('POST', '/jwt/user', { token: first.token, json, headers })).body).toEqual(
    made.body,
  )
  for (const path of ['/jwt/user/user-1', '/jwt/user/ADA@example.com']) {
    expect((await after.call('GET', path)).body).toMatchObject({ data: [{ id: token_id }] })
  }
  expect((await after.call('GET', '/me', { token })).status).toBe(200)
  await after.call('DELETE', `/jwt/user/${token_id}`)
  expect((await after.call('GET', '/me', { token })).status).toBe(401)
  await after.close()
})
