import { randomBytes } from 'node:crypto'
import {
  CopyError,
  type CopyProgress,
  copyTokens,
  createMemoryStore,
  createTokenService,
  type SpendReceipt,
  type TokenService,
  type TokenServiceOptions,
  type TokenStore,
} from '@hallpass/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createStoredToken, createTokenId } from '../src/stored-token.ts'
import { STORE_KINDS, type StoreKind, type StorePlace, useStores } from './store-kinds.ts'

const masterSecret = randomBytes(32).toString('base64url')
const AT = new Date('2026-11-21T12:30:00.000Z')
const DAY = '2026-11-21'

const open = useStores()
const pairs = STORE_KINDS.flatMap((from) => STORE_KINDS.map((to): [StoreKind, StoreKind] => [from, to]))

describe.each(pairs)('from %s to %s', (fromKind, toKind) => {
  test('a service goes on where it was', async () => {
    const [from, to] = [await open(fromKind), await open(toKind)]
    const before = await serve(from)
    await before.createPool('acme', 'monthly', 100)
    const kept = await before.issue({ project: 'acme', subject: 'ann', credits: 10, pool: 'monthly' })
    const once = { project: 'acme', subject: 'bob', expiresIn: '2 hours', idempotencyKey: 'k-1' }
    const replayed = await before.issue(once)
    const revoked = await before.issue({ project: 'acme', subject: 'ann', expiresIn: '1 hour' })
    const endless = await before.issue({ project: 'acme', subject: 'eve', expiresAt: null })
    const unique = { project: 'acme', subject: 'ann', name: 'ci', uniqueName: true }
    const named = await before.issue(unique)
    const first = await use(before, kept.token, 3)
    const refunded = await use(before, kept.token, 2)
    await before.refund(refunded)
    await before.revoke('acme', revoked.record.id)
    await before.revoke('acme', endless.record.id)
    await before.rotateKeys({ project: 'acme' })
    await before.close()

    const { counts } = await copyTokens(await from.connect(), await to.connect(), { batchSize: 2 })
    expect(counts).toMatchObject({ revocation: 2, token: 5, pool: 1, receipt: 2, usage: 1 })

    for (const revocation of [{ mode: 'strict' }, { mode: 'bounded', maxStalenessMs: 5000 }] as const) {
      const after = await serve(to, revocation)
      expect(await readOutcome(after, named.token)).toBe('allowed')
      expect(await readOutcome(after, replayed.token)).toBe('allowed')
      expect(await readOutcome(after, revoked.token)).toBe('token_revoked')
      expect(await readOutcome(after, endless.token)).toBe('token_revoked')
      await after.close()
    }
    const after = await serve(to)
    const readCredits = async (): Promise<unknown> => (await after.get('acme', kept.record.id))?.credits
    expect(await readCredits()).toEqual({ limit: 10, remaining: 7 })
    expect(await after.findPool('acme', 'monthly')).toMatchObject({ limit: 100, remaining: 97 })
    expect(await after.refund(refunded)).toBe('already_refunded')
    expect(await after.refund(first)).toBe('refunded')
    expect(await readCredits()).toEqual({ limit: 10, remaining: 10 })
    expect((await after.issue(once)).token).toBe(replayed.token)
    await expect(after.issue(unique)).rejects.toMatchObject({ code: 'name_taken' })
  })

  test('what was cut off after any batch is completed: nothing twice, nothing lost', async () => {
    const [source, target, other] = [await open(fromKind), await open(toKind), await open(toKind)]
    const [from, to] = [await source.connect(), await target.connect()]
    await fill(from)
    let batches = 0
    const { counts } = await copyTokens(from, await other.connect(), {
      batchSize: 3,
      onProgress: ({ step }) => {
        if (step === 'copy') batches += 1
      },
    })
    expect(batches).toBeGreaterThan(6)
    for (let last = 1; last <= batches; last += 1) {
      await expect(copyTokens(from, to, { batchSize: 3, onProgress: stopAfter(last) })).rejects.toThrow('cut')
    }
    expect(await copyTokens(from, to, { batchSize: 3 })).toEqual({ counts })
    expect(await copyTokens(from, to)).toEqual({ counts })
    expect((await to.revokedSince(null, 100)).entries).toStrictEqual(
      (await from.revokedSince(null, 100)).entries,
    )
    expect(await to.usage({ project: 'p0', from: DAY, to: DAY, by: 'token' })).toEqual(
      await from.usage({ project: 'p0', from: DAY, to: DAY, by: 'token' }),
    )
  })
})

describe('a copy', () => {
  test('of nothing is nothing', async () => {
    const counts = { key: 0, revocation: 0, token: 0, pool: 0, receipt: 0, usage: 0 }
    expect(await copyTokens(createMemoryStore(), createMemoryStore())).toEqual({ counts })
  })

  test('tells how far it is, copying first and comparing then', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()]
    await fill(from)
    const told: CopyProgress[] = []
    const { counts } = await copyTokens(from, to, {
      batchSize: 5,
      onProgress: (progress) => void told.push(progress),
    })
    const steps = told.map(({ step }) => step)
    expect(steps).toEqual(steps.toSorted())
    expect(told.findLast(({ step }) => step === 'copy')?.counts).toEqual(counts)
    expect(told.at(-1)).toEqual({ step: 'verify', counts })
    const tokens = told.map((progress) => progress.counts.token)
    expect(tokens.slice(0, steps.indexOf('verify'))).toEqual(
      tokens.slice(0, steps.indexOf('verify')).toSorted((a, b) => a - b),
    )
  })

  test.each([0, -1, 1.5, 1001, Number.NaN])('in batches of %d is refused', async (batchSize) => {
    const copy = copyTokens(createMemoryStore(), createMemoryStore(), { batchSize })
    await expect(copy).rejects.toThrow(RangeError)
  })

  test.each(['token', 'pool', 'receipt', 'usage'] as const)('that loses a %s says so', async (kind) => {
    const [from, to] = [createMemoryStore(), createMemoryStore()]
    await fill(from)
    const losing: TokenStore = {
      ...to,
      importRows: (rows) => to.importRows(rows.filter((row, index) => row.kind !== kind || index % 2 === 0)),
    }
    await expect(copyTokens(from, losing)).rejects.toMatchObject({ name: 'CopyError', kind })
  })

  test.each([
    ['credits', { credits: { limit: 9, remaining: 8 } }],
    ['the order of claims', { claims: { b: 1, a: 2 } }],
    ['a hash', { tokenSha256: 'f'.repeat(64) }],
    ['a millisecond', { expiresAt: new Date(AT.getTime() + 1) }],
  ])('that changes %s of a token says so', async (_what, change) => {
    const [from, to] = [createMemoryStore(), createMemoryStore()]
    const token = { credits: { limit: 9, remaining: 9 }, claims: { a: 2, b: 1 }, expiresAt: AT }
    await from.insert([createStoredToken(token)], {})
    const changing: TokenStore = {
      ...to,
      importRows: (rows) =>
        to.importRows(
          rows.map((row) => (row.kind === 'token' ? { ...row, token: { ...row.token, ...change } } : row)),
        ),
    }
    await expect(copyTokens(from, changing)).rejects.toMatchObject({ kind: 'token' })
  })

  test('that loses a key, or turns the feed around, says so', async () => {
    const from = createMemoryStore()
    await fill(from)
    const keyless: TokenStore = { ...createMemoryStore(), insertKey: () => true }
    await expect(copyTokens(from, keyless)).rejects.toMatchObject({ kind: 'key' })
    const to = createMemoryStore()
    const turning: TokenStore = {
      ...to,
      importRevocations: (entries) => to.importRevocations(entries.toReversed()),
    }
    await expect(copyTokens(from, turning)).rejects.toMatchObject({ kind: 'revocation' })
  })
})

describe('a copy is refused', () => {
  test('STO-125 into a store with keys of its own, before anything is written', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()]
    await fill(from)
    await to.insertKey(createKey('foreign', 7))
    const copy = copyTokens(from, to)
    await expect(copy).rejects.toThrow(CopyError)
    await expect(copy).rejects.toMatchObject({ kind: 'key' })
    expect((await to.exportRows(null, 5)).rows).toEqual([])
    expect(await to.keys()).toHaveLength(1)
    expect((await to.revokedSince(null, 5)).entries).toEqual([])
  })

  test('STO-126 into a store with revocations of its own, before tokens are written', async () => {
    for (const own of [1, 30]) {
      const [from, to] = [createMemoryStore(), createMemoryStore()]
      await fill(from)
      for (let index = 0; index < own; index += 1) {
        const entry = { project: 'p0', id: `own-${index}`, reason: 'revoked', refusedFrom: AT } as const
        await to.importRevocations([{ ...entry, signedExpiresAt: null }])
      }
      await expect(copyTokens(from, to)).rejects.toMatchObject({ kind: 'revocation' })
      expect((await to.exportRows(null, 5)).rows).toEqual([])
    }
  })

  test('STO-127 back over a store that has gone on: what it holds stays', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()]
    await fill(from)
    await copyTokens(from, to)
    const { rows } = await to.exportRows(null, 1)
    const [row] = rows
    if (row?.kind !== 'token') throw new Error('no token came first')
    const { project, id } = row.token
    await to.revoke(project, id, AT)
    await expect(copyTokens(from, to)).rejects.toThrow(CopyError)
    await expect(copyTokens(to, from)).rejects.toThrow(CopyError)
    expect((await to.find(project, id))?.revokedAt).toEqual(AT)
  })

  test('STO-128 when the source changes meanwhile, by the comparison at the end', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()]
    await fill(from)
    const onProgress = async ({ step }: CopyProgress): Promise<void> => {
      if (step === 'copy') await from.addPoolCredits('p0', 'pool', 1)
    }
    const copy = copyTokens(from, to, { batchSize: 1, onProgress: (progress) => void onProgress(progress) })
    await expect(copy).rejects.toMatchObject({ kind: 'pool' })
  })

  test('STO-129 a message of it holds no id, name or hash', async () => {
    const [from, to] = [createMemoryStore(), createMemoryStore()]
    await fill(from)
    await to.importRows((await from.exportRows(null, 5)).rows)
    const copy = copyTokens(from, { ...to, importRows: () => {} })
    const error: unknown = await copy.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CopyError)
    expect(String(error)).toMatch(/^CopyError: the token rows differ \(20 in the source, 5 in the target\): /)
  })
})

/** Several of everything, in two projects. */
async function fill(store: TokenStore): Promise<void> {
  for (const project of ['p0', 'p1']) {
    await store.insertKey({ ...createKey(`key-${project}`, 1), project })
    await store.createPool({ project, name: 'pool', limit: 50, remaining: 50 })
    const tokens = Array.from({ length: 10 }, (_, index) =>
      createStoredToken({ project, name: `n${index}`, credits: { limit: 5, remaining: 5 } }),
    )
    await store.insert(tokens, { uniqueName: true })
    for (const { id } of tokens.slice(0, 5)) {
      const counters = [
        { project, id },
        { project, pool: 'pool' },
      ]
      const receipt = createTokenId(AT)
      await store.spend({ receipt, counters, amount: 2, at: AT })
      await store.addUsage([
        { project, day: DAY, application: 'a', subject: 's', tokenId: id, calls: 1, credits: 2 },
      ])
    }
    for (const { id } of tokens.slice(3, 7)) await store.revoke(project, id, AT)
  }
}

function createKey(id: string, version: number): Parameters<TokenStore['insertKey']>[0] {
  const times = { createdAt: AT, activatesAt: AT }
  return { id, project: 'p0', profile: 'native', algorithm: 'EdDSA', version, sealed: 'a.b.c', ...times }
}

function stopAfter(last: number): (progress: CopyProgress) => void {
  let batches = 0
  return () => {
    batches += 1
    if (batches >= last) throw new Error('cut')
  }
}

async function serve(
  place: StorePlace,
  revocation: NonNullable<TokenServiceOptions['revocation']> = { mode: 'strict' },
): Promise<TokenService> {
  const service = await createTokenService({
    issuer: 'urn:test',
    store: await place.connect(),
    keys: { masterSecret, publishDelaySeconds: 0 },
    revocation,
    limits: { allowNoExpiry: true },
  })
  onTestFinished(() => service.close())
  return service
}

const REQUEST = { address: '203.0.113.7', target: '/files/a.txt', method: 'GET' }

async function use(service: TokenService, token: string, cost: number): Promise<SpendReceipt> {
  const decision = await service.authorize(token, { ...REQUEST, cost })
  if (!decision.allowed || decision.spend === null) throw new Error('nothing was spent')
  return decision.spend
}

async function readOutcome(service: TokenService, token: string): Promise<string> {
  const decision = await service.authorize(token, REQUEST)
  return decision.allowed ? 'allowed' : decision.code
}
