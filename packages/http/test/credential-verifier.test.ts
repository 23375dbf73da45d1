import { describe, expect, test, vi } from 'vitest'
import { createCredentialVerifier } from '../src/credential-verifier.ts'
import { hashPassword, TooManyAttemptsError } from '../src/index.ts'
import { deriveKey, parsePasswordHash } from '../src/password-hash.ts'

vi.mock(import('../src/password-hash.ts'), async (original) => {
  const module = await original()
  return { ...module, deriveKey: vi.fn(module.deriveKey) }
})

const scrypt = await hashPassword('correct horse')
const STRANGE = 'gr\u00fc\u00df \u{1f511}: x'

describe('credentials', () => {
  test('are right or wrong, as text and as hash', async () => {
    const verify = createCredentialVerifier([
      ['plain', STRANGE],
      ['hashed', { scrypt }],
    ])
    expect(await verify('plain', STRANGE)).toBe(true)
    expect(await verify('hashed', 'correct horse')).toBe(true)
    expect(await verify('plain', 'wrong')).toBe(false)
    expect(await verify('hashed', 'wrong')).toBe(false)
    expect(await verify('hashed', scrypt)).toBe(false)
    expect(await verify('hashed', STRANGE)).toBe(false)
    expect(await verify('nobody', STRANGE)).toBe(false)
    expect(await verify('__proto__', '')).toBe(false)
  })

  test('SEC-02 are remembered for 60 s when right, and never when wrong', async () => {
    let now = 0
    const verify = createCredentialVerifier([['ada', 'secret']], () => now)
    const first = verify('ada', 'secret')
    expect(first).toBeInstanceOf(Promise)
    expect(await first).toBe(true)
    expect(verify('ada', 'secret')).toBe(true)
    now = 59_999
    expect(verify('ada', 'secret')).toBe(true)
    now = 60_000
    const later = verify('ada', 'secret')
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toBe(true)
    for (let i = 0; i < 2; i++) {
      const wrong = verify('ada', 'wrong')
      expect(wrong).toBeInstanceOf(Promise)
      expect(await wrong).toBe(false)
    }
  })

  test('SEC-03 a name that nobody has costs what a known one costs', async () => {
    const strong = { scrypt: scrypt.replace('ln=14', 'ln=15') }
    const verify = createCredentialVerifier([
      ['ada', strong],
      ['bob', { scrypt: scrypt.replace('ln=14', 'ln=15') }],
    ])
    vi.mocked(deriveKey).mockClear()
    for (const name of ['ada', 'nobody', '__proto__']) expect(await verify(name, 'guess')).toBe(false)
    const costs = vi
      .mocked(deriveKey)
      .mock.calls.map(([, hash]) => [hash.costLog2, hash.blockSize, hash.key.length])
    expect(costs).toEqual([
      [15, 8, 32],
      [15, 8, 32],
      [15, 8, 32],
    ])
    const plain = createCredentialVerifier([['ada', 'secret']])
    vi.mocked(deriveKey).mockClear()
    for (const name of ['ada', 'nobody']) expect(await plain(name, 'guess')).toBe(false)
    expect(vi.mocked(deriveKey)).toHaveBeenCalledTimes(2)
  })

  test('SEC-03 of users with several costs, a name that nobody has costs what one of them does, always the same', async () => {
    const costOf = (name: string): Promise<number | undefined> => {
      vi.mocked(deriveKey).mockClear()
      return Promise.resolve(verify(name, 'guess')).then(
        () => vi.mocked(deriveKey).mock.calls[0]?.[1].costLog2,
      )
    }
    const cheap = scrypt.replace('ln=14', 'ln=10')
    const verify = createCredentialVerifier([
      ['ada', { scrypt: cheap }],
      ['bob', { scrypt: scrypt.replace('ln=14', 'ln=11') }],
    ])
    expect([await costOf('ada'), await costOf('bob')]).toEqual([10, 11])
    const costs: (number | undefined)[] = []
    for (let i = 0; i < 64; i++) {
      const cost = await costOf(`nobody-${i}`)
      expect(await costOf(`nobody-${i}`)).toBe(cost)
      costs.push(cost)
    }
    expect(new Set(costs)).toEqual(new Set([10, 11]))
  })

  test('SEC-04 at most two are checked at once in the process; the same ones share a check', async () => {
    const one = createCredentialVerifier([['ada', 'secret']])
    const two = createCredentialVerifier([['bob', 'secret']])
    const outcomes = await Promise.allSettled([
      one('ada', 'secret'),
      one('ada', 'secret'),
      two('bob', 'guess'),
      one('ada', 'guess'),
      two('nobody', 'guess'),
      one('ada', 'secret'),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(outcomes[3]).toMatchObject({ reason: expect.any(TooManyAttemptsError) })
    // Nothing is left taken.
    expect(await one('ada', 'guess')).toBe(false)
    expect(await two('bob', 'secret')).toBe(true)
  })

  test('SEC-05 one that was found right is let in while others are being guessed', async () => {
    const verify = createCredentialVerifier([['ada', 'secret']])
    await verify('ada', 'secret')
    const guesses = [verify('ada', 'a'), verify('ada', 'b')]
    expect(verify('ada', 'secret')).toBe(true)
    expect(await Promise.all(guesses)).toEqual([false, false])
  })

  test('SEC-06 name and secret are not taken for one another', async () => {
    const verify = createCredentialVerifier([
      ['a', 'bc'],
      ['ab', 'x'],
    ])
    expect(await verify('a', 'bc')).toBe(true)
    expect(await verify('ab', 'c')).toBe(false)
    expect(await verify('a","b', 'c')).toBe(false)
  })

  test('SEC-07 a secret of a megabyte is refused without a check', () => {
    const verify = createCredentialVerifier([['ada', 'secret']])
    expect(verify('ada', 'x'.repeat(1_000_000))).toBe(false)
    expect(verify('x'.repeat(1_000_000), 'secret')).toBe(false)
  })
})

describe('what is configured', () => {
  test.each([
    '',
    'secret',
    '$scrypt$ln=14,r=8,p=1$c2FsdHNhbHQ$',
    '$scrypt$ln=40,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=14,r=0,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=14,r=8,p=1$c2Fs$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ])('SEC-08 a hash %j is refused at start and not repeated', (text) => {
    expect(() => createCredentialVerifier([['ada', { scrypt: text }]])).toThrow('hashPassword')
    try {
      parsePasswordHash(text)
    } catch (error) {
      if (text !== '') expect(String(error)).not.toContain(text)
    }
  })

  test('SEC-08 an empty password and one of many bytes are refused at start', () => {
    expect(() => createCredentialVerifier([['ada', '']])).toThrow('is missing')
    expect(() => createCredentialVerifier([['ada', 'x'.repeat(1025)]])).toThrow('bytes')
  })

  test('hashPassword salts', async () => {
    expect(scrypt).toMatch(/^\$scrypt\$ln=14,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(await hashPassword('correct horse')).not.toBe(scrypt)
  })
})
