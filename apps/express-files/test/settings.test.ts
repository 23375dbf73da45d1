import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSettings } from '../src/settings.js'
import { StartError } from '../src/start-error.js'

const SECRET = Buffer.alloc(32, 1).toString('base64url')

describe('parseSettings', () => {
  it('has a default for everything', () => {
    const defaults = {
      port: 3000,
      adminPassword: null,
      dataDir: join(process.cwd(), 'data'),
      trustedProxies: [],
      issuer: 'urn:hallpass:express-files',
      masterSecret: null,
    }
    expect(parseSettings({})).toEqual(defaults)
    const empty = {
      PORT: '',
      ADMIN_PASSWORD: '',
      DATA_DIR: '',
      TRUSTED_PROXIES: '',
      ISSUER: '',
      HALLPASS_SECRET: '',
    }
    expect(parseSettings(empty)).toEqual(defaults)
  })

  it('reads what is set', () => {
    expect(
      parseSettings({
        PORT: '0',
        ADMIN_PASSWORD: 'pa:ss wörd',
        DATA_DIR: '/var/lib/files',
        TRUSTED_PROXIES: ' 10.0.0.0/8,::1 , 192.0.2.1,',
        ISSUER: 'https://files.example.com',
        HALLPASS_SECRET: SECRET,
      }),
    ).toEqual({
      port: 0,
      adminPassword: 'pa:ss wörd',
      dataDir: '/var/lib/files',
      trustedProxies: ['10.0.0.0/8', '::1', '192.0.2.1'],
      issuer: 'https://files.example.com',
      masterSecret: SECRET,
    })
  })

  it.each([
    { name: 'PORT', values: ['65536', '-1', '3e3', '0x50', ' 80', '8 0', '3000.5', 'auto', '123456'] },
    {
      name: 'TRUSTED_PROXIES',
      values: ['all', 'true', '1', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.0/8/8', '::1/-1'],
    },
    { name: 'ISSUER', values: ['x'.repeat(1025)] },
  ])('refuses other values of $name and names it', ({ name, values }) => {
    for (const value of values) {
      expect(() => parseSettings({ [name]: value }), value).toThrow(StartError)
      expect(() => parseSettings({ [name]: value }), value).toThrow(new RegExp(`^${name} `))
    }
  })

  it('SEC-61: refuses a secret of another form without showing it', () => {
    const form = fc.oneof(
      fc.base64String({ minLength: 1 }),
      fc.string({ minLength: 1 }),
      fc.constant(`${SECRET}=`),
    )
    fc.assert(
      fc.property(form, (text) => {
        fc.pre(
          Buffer.from(text, 'base64url').length !== 32 ||
            Buffer.from(text, 'base64url').toString('base64url') !== text,
        )
        expect(() => parseSettings({ HALLPASS_SECRET: text })).toThrow(
          'HALLPASS_SECRET must hold 32 random bytes in base64url (43 characters).',
        )
      }),
    )
  })

  it('SEC-62: refuses a password that HTTP Basic cannot carry without showing it', () => {
    for (const password of ['x'.repeat(1025), 'ö'.repeat(513), 'two\nlines', 'nul\0']) {
      expect(() => parseSettings({ ADMIN_PASSWORD: password })).toThrow(
        'ADMIN_PASSWORD must have at most 1024 bytes and no control characters.',
      )
    }
  })
})
