import { join } from 'node:path'
import { hashPassword } from '@hallpass/http'
import { type Demo, PASSWORD } from '@hallpass/testing'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Accounts } from '../src/accounts.ts'
import { Directory } from '../src/directory.ts'
import { ADMIN, type Call, issueToken, type Login, send } from './api-client.ts'
import { createDataDir, shareDemo, startDemo } from './demo-process.ts'
import { ADA, ALAN, AMY, OTHER_ALAN, putUser, setUpProjects, type Tokens, WELCOME } from './two-projects.ts'

const demo = shareDemo()
let there: Demo
let tokens: Tokens
const cleanUps: (() => void | Promise<void>)[] = []
beforeAll(async () => {
  tokens = await setUpProjects(demo.origin)
  there = await startDemo({ DATA_DIR: demo.dataDir }, (cleanUp) => void cleanUps.push(cleanUp))
  return async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  }
})

const put = (target: string, login: Login, body: object): ReturnType<typeof send> =>
  send(demo.origin, target, { login, method: 'PUT', body })

describe('a login', () => {
  it('is refused alike, whatever is wrong about it', async () => {
    const wrong: readonly (Login | undefined)[] = [
      undefined,
      ['admin', 'wrong'],
      ['aurora/alan', 'wrong'],
      ['alan', ALAN[1]],
      ['borealis/alan', ALAN[1]],
      ['aurora/nobody', ALAN[1]],
      ['aurora/alan/', ALAN[1]],
      ['/', ''],
    ]
    for (const login of wrong) {
      for (const target of ['/projects', '/tokens']) {
        const answer = await send(demo.origin, target, login === undefined ? {} : { login })
        expect([answer.status, answer.error], `${login?.[0]} ${target}`).toEqual([
          401,
          'authentication_required',
        ])
        expect(answer.headers['www-authenticate']).toBe('Basic realm="nestjs-projects", charset="UTF-8"')
      }
    }
    const bearer = await send(demo.origin, '/projects', { token: tokens.ada.token })
    expect([bearer.status, bearer.error]).toEqual([401, 'authentication_required'])
  })

  it('with a new password ends the old one at once, in every process, and no token', async () => {
    const renewed: Login = [AMY[0], 'a new one, and long']
    expect((await send(there.origin, '/tokens', { login: AMY })).status).toBe(200)
    await putUser(demo.origin, renewed, 'member', ADA)
    expect((await send(there.origin, '/tokens', { login: AMY })).status).toBe(401)
    expect((await send(there.origin, '/tokens', { login: renewed })).status).toBe(200)
    expect((await send(there.origin, WELCOME.aurora, { token: tokens.amy.token })).status).toBe(200)
  })

  it('is nobody’s when its user is removed while the password is being checked', async () => {
    const directory = new Directory(join(createDataDir(), 'projects.sqlite'))
    onTestFinished(() => directory.close())
    directory.saveProject({ name: 'aurora', title: 'Aurora' })
    const passwordHash = await hashPassword(ALAN[1])
    directory.saveUser({ project: 'aurora', name: 'alan', role: 'member', passwordHash })
    const accounts = new Accounts(directory, PASSWORD)
    const identifying = accounts.identify([`Basic ${btoa(ALAN.join(':'))}`])
    directory.removeProject('aurora')
    expect(await identifying).toBeNull()
  })

  it('is checked two at a time; the next is told to wait', async () => {
    const guesses = Array.from({ length: 8 }, (_, i) =>
      send(demo.origin, '/projects', { login: ['admin', `guess ${i}`] }),
    )
    const answers = await Promise.all(guesses)
    const waiting = answers.filter(({ status }) => status === 429)
    expect(waiting.length).toBeGreaterThan(0)
    expect(answers.filter(({ status }) => status === 401).length + waiting.length).toBe(8)
    expect([waiting[0]?.error, waiting[0]?.headers['retry-after']]).toEqual(['too_many_attempts', '1'])
  })
})

describe('a user', () => {
  it('that gets another role loses its tokens', async () => {
    const carl: Login = ['aurora/carl', 'in and out again']
    await putUser(demo.origin, carl, 'admin', ADA)
    const { token } = await issueToken(demo.origin, carl)
    await putUser(demo.origin, carl, 'member', ADA)
    expect((await send(there.origin, WELCOME.aurora, { token })).error).toBe('token_revoked')
    const again = await issueToken(demo.origin, carl)
    await putUser(demo.origin, carl, 'member', ADA)
    expect((await send(there.origin, WELCOME.aurora, { token: again.token })).status).toBe(200)
  })

  it('that is removed takes its tokens along, and nobody else’s of the same name', async () => {
    const removed = await send(demo.origin, '/projects/aurora/users/alan', { login: ADA, method: 'DELETE' })
    expect(JSON.parse(removed.body)).toEqual({ revoked: 1 })
    expect((await send(there.origin, WELCOME.aurora, { token: tokens.alan.token })).error).toBe(
      'token_revoked',
    )
    expect((await send(there.origin, '/tokens', { login: ALAN })).status).toBe(401)
    expect((await send(there.origin, WELCOME.borealis, { token: tokens.otherAlan.token })).status).toBe(200)
    const again = await send(demo.origin, '/projects/aurora/users/alan', { login: ADA, method: 'DELETE' })
    expect([again.status, again.error]).toEqual([404, 'not_found'])
    // Its tokens stay in the list of the project, and there are no new ones for it.
    const listed = await send(demo.origin, '/tokens?subject=alan', { login: ADA })
    expect(JSON.parse(listed.body).tokens).toMatchObject([{ id: tokens.alan.id, status: 'revoked' }])
    const late = await send(demo.origin, '/tokens', { login: ADA, method: 'POST', body: { subject: 'alan' } })
    expect([late.status, late.error]).toEqual([403, 'grant_exceeded'])
  })
})

describe('a project', () => {
  it('that is removed takes everything along', async () => {
    const removed = await send(demo.origin, '/projects/borealis', { login: ADMIN, method: 'DELETE' })
    expect(JSON.parse(removed.body)).toEqual({ revoked: 2 })
    expect((await send(there.origin, WELCOME.borealis, { token: tokens.bea.token })).error).toBe(
      'token_revoked',
    )
    expect((await send(there.origin, '/tokens', { login: OTHER_ALAN })).status).toBe(401)
    await put('/projects/borealis', ADMIN, { title: 'Borealis' })
    const users = await send(demo.origin, '/projects/borealis/users', { login: ADMIN })
    expect(JSON.parse(users.body)).toEqual({ users: [] })
    expect((await send(there.origin, WELCOME.borealis, { token: tokens.bea.token })).status).toBe(401)
    expect((await send(demo.origin, '/projects/nowhere', { login: ADMIN, method: 'DELETE' })).status).toBe(
      404,
    )
  })
})

describe('what cannot be is refused and not repeated', () => {
  it.each([
    ['/projects/Aurora', { title: 'x' }],
    ['/projects/a%2Fb', { title: 'x' }],
    ['/projects/aurora', { title: '' }],
    ['/projects/aurora', { title: 'a\u0000b' }],
    ['/projects/aurora', { title: ['Aurora'] }],
    ['/projects/aurora', {}],
    ['/projects/aurora/users/..%2Fada', { password: 'secret-secret' }],
    ['/projects/aurora/users/zoe', { password: 'secret' }],
    ['/projects/aurora/users/zoe', { password: 'secret-secret', role: 'operator' }],
    ['/projects/aurora/users/zoe', { password: 'secret-secret\n' }],
    ['/projects/aurora/users/zoe', ['secret-secret']],
  ])('PUT %s %j', async (target, body) => {
    const answer = await put(target, ADMIN, body)
    expect([answer.status, answer.error]).toEqual([400, 'invalid_request'])
    expect(answer.body).not.toContain('secret')
  })

  it('and so are bodies that are no JSON or too large, documents and paths', async () => {
    const document = '/projects/aurora/documents/big.txt'
    const rows: readonly [string, Call, number, string][] = [
      [
        document,
        { token: tokens.ada.token, method: 'PUT', body: { text: 'x'.repeat(200_000) } },
        413,
        'body_too_large',
      ],
      [
        document,
        { token: tokens.ada.token, method: 'PUT', body: { text: 'x'.repeat(70_000) } },
        400,
        'invalid_request',
      ],
      [document, { token: tokens.ada.token, method: 'PUT' }, 400, 'invalid_request'],
      ['/projects/aurora/documents/%2e%2e', { token: tokens.ada.token }, 403, 'path_denied'],
      ['/secret-path?token=secret', {}, 404, 'not_found'],
      ['/projects', { method: 'POST', login: ADMIN }, 404, 'not_found'],
      ['/%zz', {}, 404, 'not_found'],
      ['/projects/%zz/users', { login: ADMIN }, 400, 'invalid_request'],
    ]
    for (const [target, call, status, error] of rows) {
      const answer = await send(demo.origin, target, call)
      expect([answer.status, answer.error], target).toEqual([status, error])
      expect(answer.body).not.toContain('secret')
    }
  })

  it('is answered with no-store and nosniff, as everything is', async () => {
    for (const target of ['/', '/projects', '/tokens', WELCOME.aurora]) {
      const { headers } = await send(demo.origin, target)
      expect([headers['cache-control'], headers['x-content-type-options'], headers['x-powered-by']]).toEqual([
        'no-store',
        'nosniff',
        undefined,
      ])
    }
  })
})
