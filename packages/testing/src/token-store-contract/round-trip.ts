import type { JsonObject, StoredToken } from '@hallpass/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken } from '../stored-token.ts'

/** Texts that a store which pastes or truncates them would get wrong. */
const HOSTILE_TEXTS: readonly (readonly [id: string, what: string, text: string])[] = [
  ['STO-01', 'a quote that ends an SQL text', "'; DROP TABLE hallpass_tokens; --"],
  ['STO-02', 'double quotes and backslashes', '"\\"\\\\ \\0 \\u0000 %00'],
  ['STO-03', 'wildcards of LIKE', '%_*?'],
  ['STO-04', '__proto__', '__proto__'],
  ['STO-05', 'constructor', 'constructor'],
  ['STO-06', 'letters beyond the basic plane', '𝒶😀🏳️‍🌈'],
  ['STO-07', 'an accent as its own character', 'e\u0301'],
  ['STO-08', 'direction marks and a byte order mark', '\u202eabc\u200f\ufeff'],
  ['STO-09', 'line ends and other control characters', 'a\r\nb\tc\u0001\u007f\u0085'],
  ['STO-10', 'an empty text', ''],
  ['STO-11', 'text that reads as a number', '007'],
  ['STO-12', 'separators of keys', 'a:b/c|d\u001fe,["f"]'],
  ['STO-13', 'a long text', 'x'.repeat(10_000)],
]

/** Texts that some stores cannot keep: they are refused, or kept exactly. */
const UNSTORABLE_TEXTS: readonly (readonly [id: string, what: string, text: string, alike: string])[] = [
  ['STO-14', 'a lone surrogate', 'a\ud800b', 'a\ufffdb'],
  ['STO-15', 'NUL', 'a\0b', 'a'],
]

export function describeRoundTrip({ store }: StoreAccess): void {
  describe('every field comes back as it went in', () => {
    test('all fields set, times to the millisecond', async () => {
      const token = createStoredToken({
        project: 'acme',
        subject: 'ann',
        name: 'nightly build',
        application: 'ci',
        profile: 'i3d',
        keyId: 'key-7',
        createdAt: new Date('2026-11-21T12:00:00.001Z'),
        notBefore: new Date('2026-11-21T12:00:01.999Z'),
        expiresAt: new Date('2026-11-22T00:00:00.123Z'),
        signedExpiresAt: new Date('2026-11-23T00:00:00.456Z'),
        ip: ['10.0.0.0/8', '2001:db8::/32'],
        paths: ['/files/reports/', '/files/*/x.csv'],
        scope: ['files.read', 'files.write'],
        httpMethods: ['GET', 'HEAD'],
        credits: { limit: Number.MAX_SAFE_INTEGER, remaining: Number.MAX_SAFE_INTEGER - 1 },
        pool: 'monthly',
        claims: {
          plan: 'gold',
          seats: 3,
          ratio: 0.25,
          none: null,
          deep: { list: [1, 'two', { three: true }] },
        },
        createdBy: 'admin',
        lastUsedAt: new Date('2026-11-21T12:00:02.003Z'),
        revokedAt: new Date('2026-11-21T12:00:03.004Z'),
      })
      await store().insert([token], {})
      expect(await store().find('acme', token.id)).toStrictEqual(token)
      expect(await store().list({ project: 'acme' }, null, 5)).toStrictEqual([token])
    })

    test('null, an empty list and an absent limit stay three different things', async () => {
      const open = createStoredToken({ expiresAt: null, paths: null, httpMethods: null, credits: null })
      const closed = createStoredToken({
        paths: [],
        httpMethods: [],
        credits: { limit: 0, remaining: 0 },
        name: '',
      })
      await store().insert([open, closed], {})
      expect(await store().find('default', open.id)).toStrictEqual(open)
      expect(await store().find('default', closed.id)).toStrictEqual(closed)
    })

    test('times before 1970 and far away', async () => {
      const token = createStoredToken({ notBefore: new Date(-1), expiresAt: new Date(8.64e15) })
      await store().insert([token], {})
      expect(await store().find('default', token.id)).toStrictEqual(token)
    })

    test('claims of 4 KB, with prototype keys as plain keys', async () => {
      const claims = JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}') as JsonObject
      const token = createStoredToken({ claims: { ...claims, note: '\u{1f600}"\\\0\ud800'.repeat(200) } })
      await store().insert([token], {})
      const found = await store().find('default', token.id)
      expect(Object.keys(found?.claims ?? {})).toEqual(Object.keys(token.claims))
      expect(JSON.stringify(found?.claims)).toBe(JSON.stringify(token.claims))
      expect('admin' in (found?.claims ?? {})).toBe(false)
    })

    test('any JSON claims and any lists (property)', async () => {
      const claims = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 6 })
      const list = fc.array(fc.string(), { maxLength: 4 })
      await fc.assert(
        fc.asyncProperty(claims, list, fc.option(list), async (anyClaims, scope, paths) => {
          // What JSON cannot tell apart (-0) need not come back.
          const token = createStoredToken({
            claims: JSON.parse(JSON.stringify(anyClaims)) as JsonObject,
            scope,
            paths,
          })
          await store().insert([token], {})
          const found = await store().find('default', token.id)
          expect(JSON.stringify(found?.claims)).toBe(JSON.stringify(token.claims))
          expect(found).toMatchObject({ scope, paths })
        }),
        { numRuns: 40 },
      )
    })

    test('what a caller does to its objects later changes nothing that is stored', async () => {
      const scope = ['files.read']
      const expiresAt = new Date('2026-11-21T13:00:00.000Z')
      const claims = { list: ['one'] }
      const token = createStoredToken({ scope, expiresAt, claims, credits: { limit: 5, remaining: 5 } })
      const kept = structuredClone(token)
      const pending = store().insert([token], {})
      scope.push('admin')
      claims.list.push('two')
      expiresAt.setTime(0)
      await pending
      const found = await store().find('default', token.id)
      expect(found).toStrictEqual(kept)
      found?.expiresAt?.setTime(0)
      found?.createdAt.setTime(0)
      // A store that shares its lists must freeze them.
      try {
        Object.assign(found?.scope ?? [], { 0: 'admin' })
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
      }
      expect(await store().find('default', token.id)).toStrictEqual(kept)
    })
  })

  describe('hostile text', () => {
    for (const [id, what, text] of HOSTILE_TEXTS) {
      test(`${id} ${what} is a project, subject, name and application like any other`, async () => {
        const token = createStoredToken(everywhere(text))
        const bystander = createStoredToken()
        await store().insert([bystander], {})
        expect(await store().insert([token], { uniqueName: true })).toEqual({ outcome: 'inserted' })
        expect(await store().find(text, token.id)).toStrictEqual(token)
        const filter = { project: text, subject: text, name: text, application: text }
        expect(await store().list(filter, null, 10)).toStrictEqual([token])
        expect(await store().list({ project: text, subject: 'default' }, null, 10)).toEqual([])
        const taken = await store().insert([createStoredToken(everywhere(text))], { uniqueName: true })
        expect(taken).toEqual({ outcome: 'name_taken', name: text })
        expect(await store().find('default', bystander.id)).toStrictEqual(bystander)
        expect(await store().revokeAll(text, text, new Date('2026-11-21T12:01:00Z'))).toBe(1)
        expect(await store().find('default', bystander.id)).toStrictEqual(bystander)
      })
    }

    for (const [id, what, text, alike] of UNSTORABLE_TEXTS) {
      test(`${id} ${what} is refused or kept exactly, and never meets another text`, async () => {
        const victim = createStoredToken(everywhere(alike))
        await store().insert([victim], {})
        expect(await store().find(text, victim.id)).toBeNull()
        expect(await store().revoke(text, victim.id, new Date())).toBeNull()
        expect(await store().revokeAll(text, null, new Date(0))).toBe(0)
        expect(await store().revokeAll(alike, text, new Date(0))).toBe(0)
        expect(await store().update(text, victim.id, { name: 'x', at: new Date(0) })).toEqual({
          outcome: 'not_found',
        })
        expect(await store().list({ project: text }, null, 10)).toEqual([])
        expect(await store().list({ project: alike, subject: text }, null, 10)).toEqual([])
        const token = createStoredToken(everywhere(text))
        const stored = await (async () => store().insert([token], {}))().then(
          () => true,
          () => false,
        )
        expect(await store().find(text, token.id)).toEqual(stored ? token : null)
        expect(await store().list({ project: alike }, null, 10)).toStrictEqual([victim])
      })
    }
  })
}

function everywhere(text: string): Partial<StoredToken> {
  return { project: text, subject: text, name: text, application: text, createdBy: text, pool: text }
}
