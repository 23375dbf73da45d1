import { beforeAll, describe, expect, it } from 'vitest'
import { createDataDir, type Ready, startApp } from './app-process.ts'
import { createPlaces, issueTokens, KINDS, type Tokens, toBasic } from './tokens.ts'

describe('tokens and passwords of one API', () => {
  let ready: Ready
  let tokens: Tokens
  const cleanUps: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    const atEnd = (cleanUp: () => void | Promise<void>): void => void cleanUps.unshift(cleanUp)
    const app = await startApp({ DATA_DIR: createDataDir(atEnd) }, atEnd)
    ready = app.ready
    tokens = await issueTokens(ready)
    return async () => {
      for (const cleanUp of cleanUps) await cleanUp()
    }
  })

  it.each(KINDS)('a token of %s opens its own place and no other', async (kind) => {
    for (const place of createPlaces(ready)) {
      const isOpen = await place.isOpen(tokens[kind])
      expect([place.name, isOpen]).toEqual([place.name, place.opensFor === kind])
    }
  })

  it('each kind is signed with a key of its own', () => {
    const kids = KINDS.map((kind) => {
      const [header = ''] = tokens[kind].split('.')
      return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid
    })
    expect(new Set(kids).size).toBe(KINDS.length)
  })

  it('a password opens its own API and no other', async () => {
    const { url, credentials } = ready
    const { i3d, specter, data8, servicestack } = credentials
    const logins = {
      i3d: { username: i3d.clientId, password: i3d.clientSecret },
      specter,
      data8,
      servicestack,
    }
    const doors: Record<keyof typeof logins, (login: typeof specter) => Promise<boolean>> = {
      async i3d(login) {
        const body = new URLSearchParams({ grant_type: 'client_credentials' })
        const headers = { authorization: toBasic(login) }
        return (await fetch(`${url}/i3d/connect/token`, { method: 'POST', headers, body })).ok
      },
      specter: async (login) =>
        (
          await fetch(`${url}/specter/api/v1alpha/token`, {
            headers: { authorization: toBasic(login) },
          })
        ).status === 200,
      async data8(login) {
        const expiresAt = new Date(Date.now() + 60_000).toISOString()
        const answer = await fetch(`${url}/data8/UserAdmin/GetJWT.json`, {
          method: 'POST',
          body: JSON.stringify({ ...login, expiresAt, allowedMethods: [] }),
        })
        return typeof ((await answer.json()) as { Jwt?: unknown }).Jwt === 'string'
      },
      servicestack: async (login) =>
        (
          await fetch(`${url}/servicestack/jwt?UserAuthId=1`, {
            headers: { authorization: toBasic(login) },
          })
        ).ok,
    }
    for (const [owner, login] of Object.entries(logins)) {
      for (const [name, isOpen] of Object.entries(doors)) {
        expect([owner, name, await isOpen(login)]).toEqual([owner, name, owner === name])
      }
    }
  })
})
