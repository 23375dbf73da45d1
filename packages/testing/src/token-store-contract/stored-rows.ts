import type {
  Counter,
  RevocationEntry,
  StoredReceipt,
  StoredRow,
  TokenStore,
  UsageEntry,
} from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken, createTokenId } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const LATER = new Date('2026-11-21T12:45:00.000Z')
const NEVER = new Date(0)
const ONCE = { keySha256: 'a'.repeat(64), requestSha256: 'b'.repeat(64) }
/** Texts that run together where a store puts them into one key, or that a comparison gets wrong. */
const TRICKY = ['', '1', '1:', '11:a', 'a:b', '*', '[x]', 'é', '\u{1f600}', '\uffff', '__proto__']

type TokenRow = Extract<StoredRow, { readonly kind: 'token' }>

export function describeStoredRows({ store, second }: StoreAccess): void {
  describe('stored rows', () => {
    test('an empty store has none', async () => {
      expect(await readAll(store(), 10)).toEqual([])
    })

    test('everything that was written comes out once, in pages of any size', async () => {
      const plain = createStoredToken()
      const once = createStoredToken({
        name: 'nightly',
        credits: { limit: 5, remaining: 5 },
        pool: 'monthly',
      })
      const named = Array.from({ length: 5 }, (_, index) => createStoredToken({ name: `n${index}` }))
      await store().insert([plain], {})
      await store().insert([once], { idempotency: ONCE })
      await store().insert(named, { uniqueName: true })
      await store().createPool({ project: 'default', name: 'monthly', limit: 9, remaining: 9 })
      const counters: Counter[] = [
        { project: 'default', id: once.id },
        { project: 'default', pool: 'monthly' },
      ]
      const [kept, given] = [createReceipt(counters, [3, 7]), createReceipt(counters, [1, 5], true)]
      for (const { receipt, amount, at } of [kept, given])
        await store().spend({ receipt, counters, amount, at })
      await store().refund(given.receipt, LATER)
      await store().revoke('default', plain.id, AT)
      const usage = [createUsage({ day: '2026-11-20' }), createUsage({ day: '2026-11-21', subject: 'ann' })]
      await store().addUsage(usage)

      const expected: StoredRow[] = [
        toTokenRow({ ...plain, revokedAt: AT }),
        { ...toTokenRow({ ...once, credits: { limit: 5, remaining: 3 } }), idempotency: ONCE },
        ...named.map((token) => ({ ...toTokenRow(token), uniqueName: true })),
        { kind: 'pool', pool: { project: 'default', name: 'monthly', limit: 9, remaining: 7 } },
        { kind: 'receipt', receipt: kept },
        { kind: 'receipt', receipt: given },
        ...usage.map((entry): StoredRow => ({ kind: 'usage', usage: entry })),
      ]
      for (const limit of [1, 2, 3, 7, 1000]) {
        expect((await readAll(await second(), limit)).toSorted(byText)).toStrictEqual(
          expected.toSorted(byText),
        )
      }
    })

    test('STO-120 projects, names and subjects that run together or sort oddly come out once each', async () => {
      const rows: StoredRow[] = TRICKY.flatMap((text, index) => [
        toTokenRow(createStoredToken({ project: text, subject: text, name: text, keyId: text })),
        { kind: 'pool', pool: { project: text, name: TRICKY.at(-1 - index) ?? '', limit: 1, remaining: 1 } },
        { kind: 'usage', usage: createUsage({ project: text, subject: text, application: text }) },
        { kind: 'usage', usage: createUsage({ project: text, subject: `${text}:`, tokenId: text }) },
      ])
      await store().importRows(rows)
      for (const limit of [1, 10]) {
        expect((await readAll(store(), limit)).toSorted(byText)).toStrictEqual(rows.toSorted(byText))
      }
    })

    test('tokens that went in are found, listed, counted by key and purged like inserted ones', async () => {
      const [live, ended, gone] = [
        createStoredToken({ project: 'acme', subject: 'ann', name: 'n', application: 'ci', keyId: 'k1' }),
        createStoredToken({ project: 'acme', expiresAt: new Date(AT.getTime() - 1) }),
        createStoredToken({ project: 'acme', expiresAt: null, revokedAt: new Date(AT.getTime() - 1) }),
      ]
      const key = {
        id: 'k1',
        project: 'acme',
        profile: 'native',
        algorithm: 'EdDSA',
        version: 1,
        sealed: 's',
      }
      await store().insertKey({ ...key, createdAt: AT, activatesAt: AT })
      await store().importRows([live, ended, gone].map((token) => toTokenRow(token)))
      for (const token of [live, ended, gone]) {
        expect(await store().find('acme', token.id)).toStrictEqual(token)
      }
      for (const filter of [{ subject: 'ann' }, { name: 'n' }, { application: 'ci' }]) {
        expect(await (await second()).list({ project: 'acme', ...filter }, null, 5)).toStrictEqual([live])
      }
      expect(await store().list({ project: 'acme' }, null, 5)).toHaveLength(3)
      expect(await store().deleteUnusedKey('acme', 'k1')).toBe(false)
      expect(await store().purge({ tokensBefore: AT, receiptsBefore: NEVER, feedBefore: NEVER })).toBe(2)
      expect(await store().list({ project: 'acme' }, null, 5)).toStrictEqual([live])
      // The feed is copied by itself.
      expect((await store().revokedSince(null, 5)).entries).toEqual([])
    })

    test('what an insert was promised holds on: names and idempotency keys', async () => {
      const held = createStoredToken({ name: 'held' })
      const free = createStoredToken({ name: 'free' })
      const released = createStoredToken({ name: 'released', revokedAt: AT })
      await store().importRows([
        { ...toTokenRow(held), uniqueName: true, idempotency: ONCE },
        toTokenRow(free),
        { ...toTokenRow(released), uniqueName: true },
      ])
      const insert = (name: string): Promise<unknown> =>
        (async () => store().insert([createStoredToken({ name })], { uniqueName: true }))()
      expect(await insert('held')).toEqual({ outcome: 'name_taken', name: 'held' })
      expect(await insert('free')).toEqual({ outcome: 'inserted' })
      expect(await insert('released')).toEqual({ outcome: 'inserted' })
      const again = await store().insert([createStoredToken()], { idempotency: ONCE })
      expect(again).toEqual({ outcome: 'exists', token: held, requestSha256: ONCE.requestSha256 })
      await store().revoke('default', held.id, AT)
      expect(await insert('held')).toEqual({ outcome: 'inserted' })
    })

    test('receipts that went in answer again and are given back once; pools and usage count on', async () => {
      const token = createStoredToken({ credits: { limit: 9, remaining: 5 } })
      const counters: Counter[] = [
        { project: 'default', id: token.id },
        { project: 'default', pool: 'p' },
      ]
      const [kept, given] = [createReceipt(counters, [5, 3]), createReceipt(counters, [3, 1], true)]
      const usage = createUsage({})
      await store().importRows([
        { kind: 'receipt', receipt: kept },
        { kind: 'receipt', receipt: given },
        toTokenRow(token),
        { kind: 'pool', pool: { project: 'default', name: 'p', limit: 4, remaining: 3 } },
        { kind: 'usage', usage },
      ])
      const spent = await store().spend({ receipt: kept.receipt, counters, amount: 2, at: LATER })
      expect(spent).toEqual({ outcome: 'spent', remaining: [5, 3] })
      expect(await store().refund(given.receipt, LATER)).toBe('already_refunded')
      expect(await store().refund(kept.receipt, LATER)).toBe('refunded')
      expect(await store().refund(kept.receipt, LATER)).toBe('already_refunded')
      expect((await store().find('default', token.id))?.credits).toEqual({ limit: 9, remaining: 7 })
      expect(await store().findPool('default', 'p')).toMatchObject({ limit: 4, remaining: 4 })
      await store().purge({ tokensBefore: null, receiptsBefore: LATER, feedBefore: NEVER })
      expect(await store().refund(given.receipt, LATER)).toBe('unknown')
      await store().addUsage([usage])
      const { project, day } = usage
      const totals = await store().usage({ project, from: day, to: day, by: 'subject' })
      expect(totals).toEqual([{ key: usage.subject, calls: 2 * usage.calls, credits: 2 * usage.credits }])
    })

    test('what is there already stays as it is', async () => {
      const token = createStoredToken({ credits: { limit: 9, remaining: 9 }, name: 'n' })
      const counters: Counter[] = [{ project: 'default', id: token.id }]
      const receipt = createReceipt(counters, [7])
      const rows: StoredRow[] = [
        { ...toTokenRow(token), uniqueName: true, idempotency: ONCE },
        { kind: 'pool', pool: { project: 'default', name: 'p', limit: 4, remaining: 3 } },
        { kind: 'receipt', receipt },
        { kind: 'usage', usage: createUsage({}) },
      ]
      await store().importRows(rows)
      await store().importRows(rows)
      await store().importRows([...rows, ...rows])
      expect((await readAll(store(), 10)).toSorted(byText)).toStrictEqual(rows.toSorted(byText))
      await store().spend({ receipt: createTokenId(), counters, amount: 1, at: AT })
      await store().addPoolCredits('default', 'p', 1)
      await store().refund(receipt.receipt, AT)
      await store().addUsage([createUsage({})])
      await store().revoke('default', token.id, AT)
      const before = await readAll(store(), 10)
      await store().importRows(rows)
      expect(await readAll(store(), 10)).toStrictEqual(before)
    })

    test('STO-121 a batch with a name that another token holds is refused whole', async () => {
      await store().insert([createStoredToken({ name: 'held' })], { uniqueName: true })
      const before = await readAll(store(), 10)
      const rows: StoredRow[] = [
        { kind: 'pool', pool: { project: 'default', name: 'p', limit: 1, remaining: 1 } },
        toTokenRow(createStoredToken()),
        { ...toTokenRow(createStoredToken({ name: 'held' })), uniqueName: true },
      ]
      await expect((async () => store().importRows(rows))()).rejects.toThrow()
      expect(await readAll(store(), 10)).toStrictEqual(before)
    })

    for (const [id, what, text] of [
      ['STO-122', 'a lone surrogate', 'a\ud800b'],
      ['STO-123', 'NUL', 'a\0b'],
    ] as const) {
      test(`${id} ${what} in a row is refused or kept exactly`, async () => {
        for (const row of [
          toTokenRow(createStoredToken({ project: text, subject: text, name: text })),
          { kind: 'pool', pool: { project: 'default', name: text, limit: 1, remaining: 1 } },
          { kind: 'usage', usage: createUsage({ application: text }) },
        ] satisfies StoredRow[]) {
          const before = await readAll(store(), 10)
          const stored = await (async () => store().importRows([row]))().then(
            () => true,
            () => false,
          )
          const after = await readAll(store(), 10)
          expect(after.toSorted(byText)).toStrictEqual((stored ? [...before, row] : before).toSorted(byText))
        }
      })
    }

    test.each(['', 'x', '{}', '[]', '["a"]', '[99]', '-1', '1e9 '])(
      'STO-124 %j is not where an export goes on',
      async (after) => {
        await expect((async () => store().exportRows(after, 10))()).rejects.toThrow(RangeError)
      },
    )

    test('revocations that went in are read in their order, by cursors, and purged', async () => {
      const own = createStoredToken()
      await store().insert([own], {})
      await store().revoke('default', own.id, AT)
      const { cursor } = await store().revokedSince(null, 10)
      const entries: RevocationEntry[] = [
        createEntry({ reason: 'expired', signedExpiresAt: null }),
        createEntry({ project: 'yours', signedExpiresAt: new Date(AT.getTime() - 1) }),
        createEntry({ refusedFrom: new Date('2026-11-21T12:00:00.001Z') }),
      ]
      await store().importRevocations(entries.slice(0, 2))
      await store().importRevocations(entries.slice(2))
      const first = await (await second()).revokedSince(cursor, 2)
      expect(first.entries).toStrictEqual(entries.slice(0, 2))
      expect((await store().revokedSince(first.cursor, 2)).entries).toStrictEqual(entries.slice(2))
      await store().purge({ tokensBefore: null, receiptsBefore: NEVER, feedBefore: AT })
      const left = (await store().revokedSince(cursor, 10)).entries
      expect(left).toStrictEqual([entries[0], entries[2]])
    })

    test('importing nothing is nothing', async () => {
      await store().importRows([])
      await store().importRevocations([])
      expect(await readAll(store(), 10)).toEqual([])
      expect((await store().revokedSince(null, 10)).entries).toEqual([])
    })

    test('a closed store refuses them', async () => {
      await store().close()
      if (!store().persistent) return
      await expect((async () => store().exportRows(null, 1))()).rejects.toThrow()
      await expect((async () => store().importRows([toTokenRow(createStoredToken())]))()).rejects.toThrow()
      await expect((async () => store().importRevocations([createEntry({})]))()).rejects.toThrow()
    })
  })
}

async function readAll(store: TokenStore, limit: number): Promise<StoredRow[]> {
  const rows: StoredRow[] = []
  for (let after: string | null = null; ; ) {
    const page = await store.exportRows(after, limit)
    rows.push(...page.rows)
    if (page.next === null) return rows
    after = page.next
  }
}

function toTokenRow(token: TokenRow['token']): TokenRow {
  return { kind: 'token', token, uniqueName: false, idempotency: null }
}

/** Of 2 credits, at `AT`. */
function createReceipt(
  counters: readonly Counter[],
  remaining: readonly number[],
  refunded = false,
): StoredReceipt {
  return { receipt: createTokenId(AT), counters, amount: 2, at: AT, remaining, refunded }
}

function createUsage(overrides: Partial<UsageEntry>): UsageEntry {
  return {
    project: 'default',
    day: '2026-11-21',
    application: 'default',
    subject: 'default',
    tokenId: 't1',
    calls: 3,
    credits: 7,
    ...overrides,
  }
}

function createEntry(overrides: Partial<RevocationEntry>): RevocationEntry {
  return {
    project: 'default',
    id: createTokenId(AT),
    reason: 'revoked',
    refusedFrom: AT,
    signedExpiresAt: LATER,
    ...overrides,
  }
}

function byText(a: StoredRow, b: StoredRow): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
