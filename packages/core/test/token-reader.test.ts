import { describe, expect, test, vi } from 'vitest'
import { createMemoryStore, type TokenProfile } from '../src/index.ts'
import { openKeyRing } from '../src/key-ring.ts'
import { createNativeProfile } from '../src/native-profile.ts'
import { createTokenReader } from '../src/read-token.ts'
import { START } from './clock.ts'
import { createDialectProfile } from './dialect-profile.ts'
import { createForger } from './forge-token.ts'
import { authorizeOutcome, ISSUER, REQUEST, SECRET, startService } from './start-service.ts'

const native: TokenProfile = createNativeProfile({ issuer: ISSUER, audience: ISSUER, requireExpiry: true })

/** A reader on a ring of its own, and a text that it finds good. */
async function openReader() {
  const store = createMemoryStore()
  const ring = await openKeyRing(
    store,
    { masterSecret: SECRET, publishDelaySeconds: 600 },
    (call) => call(),
    () => {},
  )
  await ring.signingKey('default', native, START)
  const forger = await createForger(store)
  const iat = START.getTime() / 1000
  const claims = {
    iss: ISSUER,
    aud: ISSUER,
    sub: 'a',
    client_id: 'a',
    project: 'default',
    iat,
    exp: iat + 60,
  }
  const text = (id: string): string => forger.forge({ ...claims, jti: id })
  return { ring, store, text, read: createTokenReader(ring) }
}

describe('what a reader remembers', () => {
  test('the same text is verified once and kept from its second time on, another spelling never', async () => {
    const { ring, read, text } = await openReader()
    const first = read(text('1'), [native])
    if (!('key' in first)) throw new Error('the text is not good')
    const verify = vi.spyOn(ring.find(first.key.id) ?? first.key, 'verify')
    const second = read(text('1'), [native])
    // Only what is kept has room for what a store leaves.
    expect(first.lookup).toBeUndefined()
    first.lookup = { hint: null }
    expect(second).toEqual(first)
    expect(read(text('1'), [native])).toBe(second)
    expect(verify).not.toHaveBeenCalled()
    expect(read(`${text('1')}=`, [native])).toMatchObject({ code: 'token_malformed' })
  })

  test('a text with a MAC is verified twice and kept from its third time on', async () => {
    const { ring, read, store } = await openReader()
    const vendor = createDialectProfile('vendor', 'HS256')
    const key = await ring.signingKey('default', vendor, START)
    const forger = await createForger(store, 'default', 'vendor')
    const iat = START.getTime() / 1000
    const text = forger.forge({
      iss: 'vendor-issuer',
      token_id: '1',
      user: 'a',
      app: 'a',
      perms: [],
      iat,
      exp: iat + 60,
    })
    const verify = vi.spyOn(key, 'verify')
    const reads = [1, 2, 3, 4].map(() => read(text, [vendor]))
    for (const each of reads) expect(each).toHaveProperty('claims')
    expect(verify).toHaveBeenCalledTimes(2)
    expect(reads[3]).toBe(reads[2])
    expect(reads[1]).not.toBe(reads[2])
    const forged = `${text.slice(0, -9)}${text.at(-9) === 'A' ? 'B' : 'A'}${text.slice(-8)}`
    for (let n = 0; n < 4; n++) expect(read(forged, [vendor])).toMatchObject({ code: 'signature_invalid' })
  })

  test('SEC-79 the signature of a remembered text does not open another text', async () => {
    const { read, text } = await openReader()
    const good = text('1')
    read(good, [native])
    const kept = read(good, [native])
    expect(kept).toHaveProperty('claims')
    const [header, payload, signature = ''] = good.split('.')
    const [, otherPayload] = text('2').split('.')
    const same = `.${signature}`
    for (const forged of [
      `${header}.${otherPayload}${same}`,
      `${otherPayload}.${payload}${same}`,
      good.slice(0, 20).toUpperCase() + good.slice(20),
      same,
      signature,
      signature.slice(-12),
      signature.slice(-5),
      '',
    ]) {
      expect(read(forged, [native])).not.toHaveProperty('claims')
    }
    // None of them took the place of the good one.
    expect(read(good, [native])).toBe(kept)
  })

  test('a profile object of the same name is another profile: it reads for itself', async () => {
    const { read, text } = await openReader()
    expect(read(text('1'), [native])).toHaveProperty('claims')
    const stricter = { ...native, audience: 'https://elsewhere.example' }
    expect(read(text('1'), [stricter])).toMatchObject({ code: 'audience_denied' })
    expect(read(text('1'), [createDialectProfile('vendor', 'HS256')])).toMatchObject({
      code: 'token_type_denied',
    })
    expect(read(text('1'), [native])).toHaveProperty('claims')
  })

  test('a key that left the ring takes what it signed with it', async () => {
    const { ring, store, read, text } = await openReader()
    const found = read(text('1'), [native])
    if (!('key' in found)) throw new Error('the text is not good')
    expect(await store.deleteUnusedKey('default', found.key.id)).toBe(true)
    await ring.reload()
    expect(read(text('1'), [native])).toEqual({ keyId: found.key.id })
  })

  test('refusals are not remembered, and neither is an unknown key', async () => {
    const { read, text } = await openReader()
    const elsewhere = await openReader()
    const foreign = elsewhere.text('1')
    expect(read(foreign, [native])).toHaveProperty('keyId')
    expect(read(text('1').replace(/.{4}$/, 'AAAA'), [native])).toMatchObject({ code: 'signature_invalid' })
    expect(read(text('1'), [native])).toHaveProperty('claims')
  })

  test('old texts make room for new ones', async () => {
    const { read, text } = await openReader()
    const long = 'x'.repeat(5000)
    read(text(`0${long}`), [native])
    const first = read(text(`0${long}`), [native])
    // 8 Mi characters are one generation; a text that is used moves into the young one.
    const perGeneration = Math.ceil((8 * 1024 * 1024) / text(`0${long}`).length) + 1
    for (let n = 1; n <= perGeneration; n++) read(text(`${n}${long}`), [native])
    expect(read(text(`0${long}`), [native])).toBe(first)
    for (let n = 1; n <= 2 * perGeneration + 2; n++) read(text(`b${n}${long}`), [native])
    expect(read(text(`0${long}`), [native])).not.toBe(first)
  })
})

describe('a remembered text is judged anew on every request', () => {
  test('it does not outlive its expiry, nor a revocation', async () => {
    const { service, clock } = await startService()
    const { token } = await service.issue({ expiresIn: 60 })
    const other = await service.issue({ expiresIn: 60 })
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    expect(await authorizeOutcome(service, other.token)).toBe('allowed')
    await service.revoke('default', other.record.id)
    expect(await authorizeOutcome(service, other.token)).toBe('token_revoked')
    clock.advance(60)
    expect(await authorizeOutcome(service, token)).toBe('token_expired')
  })

  test('SEC-80 what an application is handed cannot be written into: the next request is judged by it', async () => {
    const { service } = await startService()
    const { token } = await service.issue({
      scope: ['files'],
      claims: { plan: { name: 'free' } },
      ip: ['10.0.0.1'],
    })
    const request = { ...REQUEST, address: '10.0.0.1' }
    const decision = await service.authorize(token, request)
    if (!decision.allowed) throw new Error('refused')
    const attempts: [object, string, unknown][] = [
      [decision.token, 'project', 'other'],
      [decision.token, 'scope', ['admin']],
      [decision.token.scope, '1', 'admin'],
      [decision.token.ip, 'length', 0],
      [decision.claims, 'sub', 'root'],
      [Object(decision.claims.plan), 'name', 'enterprise'],
    ]
    for (const [target, name, value] of attempts) expect(Reflect.set(target, name, value)).toBe(false)
    expect(await authorizeOutcome(service, token, { ...request, scope: ['admin'] })).toBe('scope_denied')
    expect(await authorizeOutcome(service, token, REQUEST)).toBe('ip_denied')
    expect(await service.authorize(token, request)).toMatchObject({ claims: { plan: { name: 'free' } } })
  })
})
