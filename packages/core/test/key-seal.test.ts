import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import { ConfigurationError, type StoredKey } from '../src/index.ts'
import { createKeySeal } from '../src/key-seal.ts'
import { generateSigningKey } from '../src/signature.ts'
import { START } from './clock.ts'
import { OTHER_SECRET, SECRET } from './start-service.ts'

const jwk = generateSigningKey('EdDSA').export({ format: 'jwk' })
const place: Omit<StoredKey, 'sealed'> = {
  id: 'key-1',
  project: 'default',
  profile: 'native',
  algorithm: 'EdDSA',
  version: 1,
  createdAt: START,
  activatesAt: START,
}

async function seal(secret: string): Promise<StoredKey> {
  return { ...place, sealed: await createKeySeal(secret).seal(place, jwk) }
}

test('a sealed key opens under its secret, and looks different each time', async () => {
  const stored = await seal(SECRET)
  expect(await createKeySeal(SECRET).open(stored)).toEqual({ jwk, outdated: false })
  expect((await seal(SECRET)).sealed).not.toBe(stored.sealed)
  expect(decodeProtectedHeader(stored.sealed)).toMatchObject({ alg: 'dir', enc: 'A256GCM' })
})

test('SEC-84 nothing of the key or the secret is in the sealed text', async () => {
  const { sealed } = await seal(SECRET)
  const texts = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
  for (const secret of [SECRET, jwk.d ?? '', jwk.x ?? '']) {
    expect(sealed).not.toContain(secret)
    for (const text of texts) expect(text).not.toContain(Buffer.from(secret, 'base64url').toString('latin1'))
  }
})

test('the key that seals is not the master secret itself', async () => {
  const { sealed } = await seal(SECRET)
  await expect(compactDecrypt(sealed, Buffer.from(SECRET, 'base64url'))).rejects.toThrow()
})

test('while the secret is being changed, the previous one opens too and says that it is outdated', async () => {
  const stored = await seal(OTHER_SECRET)
  expect(await createKeySeal([SECRET, OTHER_SECRET]).open(stored)).toEqual({ jwk, outdated: true })
  expect(await createKeySeal([OTHER_SECRET, SECRET]).open(stored)).toEqual({ jwk, outdated: false })
})

describe('what does not open', () => {
  const refused = async (stored: StoredKey, secret = SECRET): Promise<void> => {
    const failure = await createKeySeal(secret)
      .open(stored)
      .then(
        () => null,
        (error: unknown) => error,
      )
    expect(failure).toBeInstanceOf(ConfigurationError)
    expect(failure).not.toHaveProperty('cause')
  }

  test('SEC-85 a wrong master secret', async () => {
    await refused(await seal(SECRET), OTHER_SECRET)
  })

  test.each(['id', 'project', 'profile', 'algorithm'] as const)(
    'SEC-86 a sealed text that was moved to a row of another %s',
    async (field) => {
      await refused({ ...(await seal(SECRET)), [field]: 'other' })
    },
  )

  test('SEC-87 a text with any part changed', async () => {
    const stored = await seal(SECRET)
    const parts = stored.sealed.split('.')
    for (const [index, part] of parts.entries()) {
      const changed =
        part === '' ? 'AAAA' : `${part.slice(0, -4)}${part.slice(-4) === 'AAAA' ? 'BBBB' : 'AAAA'}`
      await refused({ ...stored, sealed: parts.with(index, changed).join('.') })
    }
    for (const sealed of ['', '....', 'null', 'eyJ.x', JSON.stringify(jwk)])
      await refused({ ...stored, sealed })
  })

  test('SEC-88 a text under a key of the attacker that names our secret', async () => {
    const stored = await seal(SECRET)
    const header = decodeProtectedHeader(stored.sealed)
    const own = new Uint8Array(32).fill(1)
    const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify({ ...place, jwk })))
      .setProtectedHeader({ ...header, alg: 'dir', enc: 'A256GCM' })
      .encrypt(own)
    await refused({ ...stored, sealed })
  })
})

test.each([
  ['too short', Buffer.alloc(31).toString('base64url')],
  ['too long', Buffer.alloc(33).toString('base64url')],
  ['hex', Buffer.alloc(32).toString('hex')],
  ['padded', `${Buffer.alloc(32).toString('base64url')}=`],
  ['a password', 'correct horse battery staple'],
  ['empty', ''],
])('SEC-89 a master secret that is %s is refused, and not repeated', (_what, secret) => {
  expect(() => createKeySeal(secret)).toThrow(ConfigurationError)
  expect(() => createKeySeal([SECRET, secret])).toThrow(/must be 32 random bytes/)
  if (secret !== '') expect(() => createKeySeal(secret)).not.toThrow(secret)
})
