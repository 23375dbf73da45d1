import { describe, expect, test } from 'vitest'
import type { UpdateInput } from '../src/index.ts'
import { START } from './clock.ts'
import { authorizeOutcome, startService } from './start-service.ts'

const at = (seconds: number): Date => new Date(START.getTime() + seconds * 1000)

test('the name, more credits and an earlier expiry, one by one and together', async () => {
  const { service } = await startService()
  const { record } = await service.issue({ name: 'a', credits: 5 })
  const update = (change: UpdateInput) => service.update('default', record.id, change)
  expect(await update({ name: 'b' })).toEqual({ ...record, name: 'b' })
  expect(await update({ name: null })).toMatchObject({ name: null })
  expect(await update({ credits: { add: 3 } })).toMatchObject({ credits: { limit: 8, remaining: 8 } })
  expect(await update({ name: 'c', credits: { add: 1 }, expiresAt: at(60) })).toMatchObject({
    name: 'c',
    credits: { limit: 9, remaining: 9 },
    expiresAt: at(60),
    remainingSeconds: 60,
  })
  expect(await service.get('default', record.id)).toMatchObject({ name: 'c', expiresAt: at(60) })
})

test('credits bring an exhausted token back', async () => {
  const { service } = await startService()
  const { token, record } = await service.issue({ credits: 1 })
  expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('allowed')
  expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('credits_exhausted')
  expect(await service.update('default', record.id, { credits: { add: 1 } })).toMatchObject({
    status: 'active',
    credits: { limit: 2, remaining: 1 },
  })
  expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('allowed')
})

test('MGT-98 a grant bounds what the credits of a token may come to, and nothing else of a change', async () => {
  const { service } = await startService()
  const { record } = await service.issue({ credits: 4 })
  const grant = { credits: 6 }
  const add = (amount: number) => service.update('default', record.id, { credits: { add: amount }, grant })
  await expect(add(3)).rejects.toMatchObject({ code: 'grant_exceeded', field: 'credits' })
  expect(await add(2)).toMatchObject({ credits: { limit: 6 } })
  await expect(add(1)).rejects.toMatchObject({ code: 'grant_exceeded', field: 'credits' })
  expect(await service.update('default', record.id, { name: 'x', grant: { credits: 1 } })).toMatchObject({
    name: 'x',
  })
  await expect(
    service.update('default', record.id, { credits: { add: 1 }, grant: { credits: Number.NaN } }),
  ).rejects.toMatchObject({ code: 'invalid_request', field: 'grant.credits' })
  // A misspelt grant would grant everything.
  const misspelt: object = { credit: 1 }
  await expect(
    service.update('default', record.id, { credits: { add: 1 }, grant: misspelt }),
  ).rejects.toMatchObject({
    code: 'invalid_request',
    message: 'a grant has no credit',
    field: 'grant.credit',
  })
})

test('an expiry in the past ends a token at once', async () => {
  const { service } = await startService()
  const { token, record } = await service.issue({})
  expect(await service.update('default', record.id, { expiresAt: at(-1) })).toMatchObject({
    status: 'expired',
    remainingSeconds: 0,
  })
  expect(await authorizeOutcome(service, token)).toBe('token_expired')
})

describe('what cannot be', () => {
  const rows: [what: string, change: object, code: string, field: string | null][] = [
    ['nothing', {}, 'invalid_request', null],
    ['a later expiry', { expiresAt: at(3601) }, 'invalid_request', 'expiresAt'],
    ['no expiry', { expiresAt: null }, 'invalid_request', 'expiresAt'],
    ['an expiry as text', { expiresAt: '2026-11-21' }, 'invalid_request', 'expiresAt'],
    ['fewer credits', { credits: { add: -1 } }, 'invalid_request', 'credits.add'],
    ['part of a credit', { credits: { add: 0.5 } }, 'invalid_request', 'credits.add'],
    ['credits without a number', { credits: null }, 'invalid_request', 'credits.add'],
    [
      'more credits than a number holds',
      { credits: { add: Number.MAX_SAFE_INTEGER } },
      'invalid_request',
      'credits',
    ],
    ['a name with a line break', { name: 'a\nb' }, 'invalid_request', 'name'],
    ['a name of 1 MB', { name: 'x'.repeat(1_000_000) }, 'invalid_request', 'name'],
  ]
  test.each(rows)('%s', async (_what, change, code, field) => {
    const { service } = await startService()
    const { record } = await service.issue({ credits: 5, name: 'a' })
    await expect(
      Reflect.apply(service.update, service, ['default', record.id, change]),
    ).rejects.toMatchObject({
      code,
      field,
    })
    expect(await service.get('default', record.id)).toEqual(record)
  })

  test('credits for a token without', async () => {
    const { service } = await startService()
    const { record } = await service.issue({})
    await expect(service.update('default', record.id, { credits: { add: 1 } })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'credits',
    })
  })

  test('a name that another token holds', async () => {
    const { service } = await startService()
    await service.issue({ name: 'a', uniqueName: true })
    const { record } = await service.issue({ name: 'b', uniqueName: true })
    await expect(service.update('default', record.id, { name: 'a' })).rejects.toMatchObject({
      code: 'name_taken',
      field: 'name',
    })
  })

  test('a token that is revoked or expired, or of another project', async () => {
    const { service, clock } = await startService()
    const revoked = await service.issue({})
    const expired = await service.issue({ expiresIn: 60 })
    await service.revoke('default', revoked.record.id)
    clock.advance(60)
    for (const { record } of [revoked, expired]) {
      await expect(service.update('default', record.id, { name: 'x' })).rejects.toMatchObject({
        code: 'token_inactive',
      })
    }
    await expect(service.update('other', revoked.record.id, { name: 'x' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
