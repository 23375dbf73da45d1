import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RevocationTable } from '../src/revocation-table.ts'
import { toTokenFingerprint } from '../src/token-fingerprint.ts'
import type { RevocationEntry } from '../src/token-store.ts'
import { createUuidV7 } from '../src/uuid.ts'

const NEVER = Number.POSITIVE_INFINITY
const ALWAYS = Number.NEGATIVE_INFINITY

function revoked(id: string, signedExpiresAt: Date | null = null, project = 'default'): RevocationEntry {
  return { project, id, reason: 'revoked', refusedFrom: new Date(0), signedExpiresAt }
}

function expired(id: string, refusedFrom: number, signedExpiresAt: Date | null = null): RevocationEntry {
  return {
    project: 'default',
    id,
    reason: 'expired',
    refusedFrom: new Date(refusedFrom),
    signedExpiresAt,
  }
}

function look(table: RevocationTable, id: string, project = 'default'): number {
  return table.refusedFrom(toTokenFingerprint({ project, id }))
}

describe('what a table of refused tokens knows', () => {
  test('the ids that were added, in their project, and no other', () => {
    const table = new RevocationTable()
    const ids = Array.from({ length: 20_000 }, (_, n) => createUuidV7(new Date(n)))
    for (const id of ids) table.add(revoked(id))
    expect(table.size).toBe(20_000)
    expect(ids.filter((id) => look(table, id) !== ALWAYS)).toEqual([])
    expect(ids.filter((id) => look(table, id, 'other') !== NEVER)).toEqual([])
    const strangers = Array.from({ length: 20_000 }, () => randomUUID())
    expect(strangers.filter((id) => look(table, id) !== NEVER)).toEqual([])
  })

  test('ids that are no UUIDs, and ids that differ in one place only', () => {
    const table = new RevocationTable()
    const base = '01a1fdfa-4600-7000-8006-84b4d931eac8'
    const near = [...base].flatMap((digit, at) =>
      digit === '-' ? [] : [base.slice(0, at) + (digit === 'f' ? '0' : 'f') + base.slice(at + 1)],
    )
    const odd = ['', 'a', 'é', base.toUpperCase(), `${base} `, base.replaceAll('-', '')]
    // As long as a UUID, with a hyphen too few, too many, or in another place.
    odd.push(base.replace('-', '0'), base.replaceAll('-', '0'), base.replace('0', '-'))
    odd.push(base.replace('fa-46', 'fa4-6'), '-'.repeat(36), `${base.slice(0, -1)}-`, `${base.slice(0, -1)}g`)
    for (const id of [base, ...odd]) table.add(revoked(id))
    expect(near.filter((id) => look(table, id) !== NEVER)).toEqual([])
    for (const id of near) table.add(revoked(id))
    expect([base, ...odd, ...near].filter((id) => look(table, id) !== ALWAYS)).toEqual([])
    expect(table.size).toBe(1 + odd.length + near.length)
  })

  test('a revocation outdoes an expiry in any order; of two expiries the earlier holds', () => {
    const table = new RevocationTable()
    const [first = '', second = '', third = ''] = Array.from({ length: 3 }, () => randomUUID())
    for (const entry of [expired(first, 10), revoked(first), expired(first, 5)]) table.add(entry)
    for (const entry of [revoked(second), expired(second, 5)]) table.add(entry)
    for (const entry of [expired(third, 20), expired(third, 10), expired(third, 30)]) table.add(entry)
    expect([first, second, third].map((id) => look(table, id))).toEqual([ALWAYS, ALWAYS, 10])
    expect(table.size).toBe(3)
  })

  test('it forgets what expired by itself, and nothing that never does', async () => {
    const table = new RevocationTable()
    const at = (second: number) => new Date(second * 1000)
    const ids = Array.from({ length: 6 }, () => randomUUID())
    const [soon = '', fraction = '', later = '', never = '', moved = '', far = ''] = ids
    table.add(revoked(soon, at(10)))
    table.add(revoked(fraction, new Date(10_001)))
    table.add(revoked(later, at(20)))
    table.add(revoked(never))
    table.add(expired(moved, 5000, at(20)))
    table.add(revoked(far, new Date('9999-12-31T23:59:59Z')))
    await table.forget(at(10))
    expect(table.size).toBe(6)
    await table.forget(new Date(10_500))
    expect(ids.map((id) => look(table, id))).toEqual([NEVER, ALWAYS, ALWAYS, ALWAYS, 5000, ALWAYS])
    await table.forget(new Date('9999-01-01'))
    expect(ids.map((id) => look(table, id))).toEqual([NEVER, NEVER, NEVER, ALWAYS, NEVER, ALWAYS])
    expect(table.size).toBe(2)
  })

  test('a few entries that could go stay until more can', async () => {
    const table = new RevocationTable()
    const ids = Array.from({ length: 64 }, () => randomUUID())
    for (const [n, id] of ids.entries()) table.add(revoked(id, new Date((n + 1) * 1000)))
    await table.forget(new Date(3500))
    expect(table.size).toBe(64)
    await table.forget(new Date(4500))
    expect(table.size).toBe(60)
    expect(ids.map((id) => look(table, id))).toEqual(ids.map((_, n) => (n < 4 ? NEVER : ALWAYS)))
  })

  test('of many entries it forgets in steps, and keeps what is added between them', async () => {
    const table = new RevocationTable()
    const count = 100_000
    const ids = Array.from({ length: count }, () => randomUUID())
    const [first = '', second = ''] = ids
    table.add(expired(first, 9000))
    for (const [n, id] of ids.entries()) {
      if (n > 0) table.add(revoked(id, new Date(n % 2 === 0 ? 1000 : 5000)))
    }
    let turns = 0
    const late = randomUUID()
    const takeTurn = (): void => {
      turns += 1
      // One that was taken over already, and a new one.
      if (turns === 3) for (const entry of [revoked(first), revoked(late)]) table.add(entry)
      expect([first, second, ids[2] ?? ''].map((id) => look(table, id))).toEqual([
        turns < 3 ? 9000 : ALWAYS,
        ALWAYS,
        ALWAYS,
      ])
      next = setImmediate(takeTurn)
    }
    let next = setImmediate(takeTurn)
    const forgetting = table.forget(new Date(3000))
    // A second one at the same time has nothing to do.
    await table.forget(new Date(3000))
    await forgetting
    clearImmediate(next)
    expect(turns).toBeGreaterThan(4)
    expect(table.size).toBe(2 + Math.floor(count / 2))
    const kept = ids.filter((id) => look(table, id) === ALWAYS)
    expect(kept).toEqual(ids.filter((_, n) => n === 0 || n % 2 === 1))
    expect(look(table, late)).toBe(ALWAYS)
  })

  test('it agrees with a Map, whatever is added and forgotten', async () => {
    const ids = Array.from({ length: 12 }, () => randomUUID())
    const step = fc.oneof(
      fc.record({ id: fc.constantFrom(...ids), from: fc.option(fc.nat(100)), until: fc.nat(50) }),
      fc.record({ forget: fc.nat(60) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const table = new RevocationTable()
        const model = new Map<string, { from: number; until: number }>()
        for (const each of steps) {
          if ('forget' in each) {
            await table.forget(new Date(each.forget * 1000))
            for (const [id, { until }] of model) if (until < each.forget) model.delete(id)
            continue
          }
          const { id, from } = each
          const until = model.get(id)?.until ?? each.until
          const signedExpiresAt = new Date(until * 1000)
          table.add(from === null ? revoked(id, signedExpiresAt) : expired(id, from, signedExpiresAt))
          const before = model.get(id)?.from ?? NEVER
          model.set(id, { from: Math.min(before, from ?? ALWAYS), until })
        }
        expect(ids.map((id) => look(table, id))).toEqual(ids.map((id) => model.get(id)?.from ?? NEVER))
        expect(table.size).toBe(model.size)
      }),
    )
  })
})
