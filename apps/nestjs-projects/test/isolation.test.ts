import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, type Call, type Login, readIds, send } from './api-client.ts'
import { shareDemo } from './demo-process.ts'
import { ADA, ALAN, AMY, BEA, OTHER_ALAN, setUpProjects, type Tokens, WELCOME } from './two-projects.ts'

const demo = shareDemo()
let tokens: Tokens
beforeAll(async () => {
  tokens = await setUpProjects(demo.origin)
})

const NOBODYS_ID = '01890000-0000-7000-8000-000000000000'

describe('a list of tokens', () => {
  it('holds what is the own: of the user, of the project, of all that there is', async () => {
    const { ada, alan, amy, bea, otherAlan } = tokens
    const rows: readonly [Login, string, readonly string[]][] = [
      [ALAN, '', [alan.id]],
      [AMY, '', [amy.id]],
      [OTHER_ALAN, '', [otherAlan.id]],
      [ADA, '', [amy.id, alan.id, ada.id]],
      [ADA, '?subject=alan', [alan.id]],
      [BEA, '', [otherAlan.id, bea.id]],
      [BEA, '?subject=alan', [otherAlan.id]],
      [ADMIN, '?project=aurora', [amy.id, alan.id, ada.id]],
      [ADMIN, '?project=borealis&subject=alan', [otherAlan.id]],
      [ADMIN, '', []],
    ]
    for (const [login, query, ids] of rows) {
      const answer = await send(demo.origin, `/tokens${query}`, { login })
      expect([answer.status, readIds(answer)], `${login[0]} ${query}`).toEqual([200, ids])
    }
  })
})

describe('what is somebody else’s', () => {
  /** For each login, what it may neither see nor touch. */
  const foreign = (): readonly [Login, readonly string[], readonly string[]][] => {
    const { ada, alan, amy, bea, otherAlan } = tokens
    const queries = ['?project=borealis', '?project=nowhere', '?project=borealis&subject=alan']
    return [
      [ALAN, [ada.id, amy.id, bea.id, otherAlan.id], [...queries, '?subject=amy', '?subject=nobody']],
      [ADA, [bea.id, otherAlan.id], queries],
      [BEA, [ada.id, alan.id, amy.id], ['?project=aurora', '?project=aurora&subject=alan']],
      [OTHER_ALAN, [ada.id, alan.id, bea.id], ['?project=aurora', '?subject=bea']],
    ]
  }

  it('answers 404 as if it were nobody’s, to reading, changing and revoking', async () => {
    let rows = 0
    for (const [login, ids] of foreign()) {
      for (const method of ['GET', 'DELETE', ...(login === ADA || login === BEA ? ['PATCH'] : [])]) {
        const call: Call = { login, method, ...(method === 'PATCH' && { body: { name: 'mine' } }) }
        const nobodys = await send(demo.origin, `/tokens/${NOBODYS_ID}`, call)
        expect([nobodys.status, nobodys.error]).toEqual([404, 'not_found'])
        for (const id of ids) {
          const theirs = await send(demo.origin, `/tokens/${id}`, call)
          expect([theirs.status, theirs.body], `${method} by ${login[0]}`).toEqual([404, nobodys.body])
          rows++
        }
      }
    }
    expect(rows).toBe(2 * (4 + 2 + 3 + 3) + 2 + 3)
    for (const { token } of [tokens.alan, tokens.amy, tokens.ada]) {
      expect((await send(demo.origin, WELCOME.aurora, { token })).status).toBe(200)
    }
  })

  it('is in no list, and is not revoked at once', async () => {
    for (const [login, , queries] of foreign()) {
      for (const query of queries) {
        const list = await send(demo.origin, `/tokens${query}`, { login })
        expect([list.status, list.error], `${login[0]} ${query}`).toEqual([404, 'not_found'])
        if (!query.includes('subject=')) continue
        const whose = query.includes('project=') ? query : `${query}&project=${login[0].split('/')[0]}`
        const revoked = await send(demo.origin, `/tokens${whose}`, { login, method: 'DELETE' })
        expect([revoked.status, revoked.error], `${login[0]} ${whose}`).toEqual([404, 'not_found'])
      }
    }
  })

  it('is in no usage report', async () => {
    const { token } = tokens.otherAlan
    await send(demo.origin, WELCOME.borealis, { token })
    const own = await send(demo.origin, '/tokens/usage?by=subject', { login: ADA })
    expect(own.status).toBe(200)
    expect((await send(demo.origin, '/tokens/usage?project=borealis', { login: ADA })).status).toBe(404)
    expect((await send(demo.origin, '/tokens/usage?subject=amy', { login: ALAN })).status).toBe(404)
  })

  it('says nothing of itself when it is verified', async () => {
    const verify = async (login: Login, token: string): Promise<unknown> =>
      JSON.parse((await send(demo.origin, '/tokens/verify', { login, method: 'POST', body: { token } })).body)
    expect(await verify(ADA, tokens.alan.token)).toMatchObject({ valid: true })
    expect(await verify(ADA, tokens.otherAlan.token)).toMatchObject({ valid: false, error: 'token_unknown' })
    expect(await verify(ALAN, tokens.alan.token)).toMatchObject({ error: 'action_denied' })
  })

  it('is not to be had by issuing', async () => {
    const rows: readonly [Login, object, string][] = [
      [ALAN, { subject: 'amy' }, 'subject'],
      [ALAN, { subject: 'nobody' }, 'subject'],
      [ALAN, { project: 'borealis' }, 'project'],
      [ALAN, { project: 'nowhere' }, 'project'],
      [ALAN, { scope: ['documents'] }, 'scope'],
      [ALAN, { scope: ['hallpass'] }, 'scope'],
      [ALAN, { paths: null }, 'paths'],
      [ALAN, { paths: ['/'] }, 'paths'],
      [ALAN, { paths: [WELCOME.borealis] }, 'paths'],
      [ALAN, { paths: ['/projects/*/documents/'] }, 'paths'],
      [ALAN, { httpMethods: ['PUT'] }, 'httpMethods'],
      [ALAN, { expiresIn: '2 days' }, 'expiresIn'],
      [ALAN, { credits: 101 }, 'credits'],
      [ALAN, { claims: { role: 'admin' } }, 'claims.role'],
      [ADA, { subject: 'bea' }, 'subject'],
      [ADA, { subject: 'nobody' }, 'subject'],
      [ADA, { project: 'borealis' }, 'project'],
      [ADA, { paths: ['/projects/'] }, 'paths'],
      [ADA, { scope: ['projects'] }, 'scope'],
      [ADA, { expiresIn: '91 days' }, 'expiresIn'],
    ]
    for (const [login, body, field] of rows) {
      const answer = await send(demo.origin, '/tokens', { login, method: 'POST', body })
      const found = JSON.parse(answer.body)
      const seen = [answer.status, found.error, found.details?.field]
      expect(seen, `${login[0]} ${JSON.stringify(body)}`).toEqual([403, 'grant_exceeded', field])
    }
    const operator = await send(demo.origin, '/tokens', { login: ADMIN, method: 'POST', body: {} })
    expect([operator.status, operator.error]).toEqual([403, 'action_denied'])
  })
})

describe('projects and users', () => {
  const user = { password: 'long enough for it' }

  it('are not there for another project’s users', async () => {
    const nowhere = await send(demo.origin, '/projects/nowhere/users', { login: ADMIN })
    expect([nowhere.status, nowhere.error]).toEqual([404, 'not_found'])
    for (const login of [BEA, OTHER_ALAN]) {
      for (const project of ['aurora', 'nowhere']) {
        const calls: readonly [string, string, object?][] = [
          ['GET', `/projects/${project}/users`],
          ['PUT', `/projects/${project}/users/alan`, user],
          ['DELETE', `/projects/${project}/users/alan`],
          ['PUT', `/projects/${project}`, { title: 'Mine' }],
          ['DELETE', `/projects/${project}`],
        ]
        for (const [method, target, body] of calls) {
          const answer = await send(demo.origin, target, { login, method, ...(body && { body }) })
          expect([answer.status, answer.body], `${method} ${target}`).toEqual([404, nowhere.body])
        }
      }
    }
  })

  it('are listed for those whom they concern', async () => {
    const read = async (login: Login, target: string): Promise<unknown> =>
      JSON.parse((await send(demo.origin, target, { login })).body)
    const aurora = { name: 'aurora', title: 'Aurora' }
    expect(await read(ALAN, '/projects')).toEqual({ projects: [aurora] })
    expect(await read(ADMIN, '/projects')).toEqual({
      projects: [aurora, { name: 'borealis', title: 'Borealis' }],
    })
    expect(await read(ADA, '/projects/aurora/users')).toEqual({
      users: [
        { name: 'ada', role: 'admin' },
        { name: 'alan', role: 'member' },
        { name: 'amy', role: 'member' },
      ],
    })
  })

  it('are changed only by those who may', async () => {
    const rows: readonly [Login, string, string, object | undefined][] = [
      [ALAN, 'GET', '/projects/aurora/users', undefined],
      [ALAN, 'PUT', '/projects/aurora/users/alan', { ...user, role: 'admin' }],
      [ALAN, 'DELETE', '/projects/aurora/users/amy', undefined],
      [ALAN, 'DELETE', '/projects/aurora', undefined],
      [ADA, 'PUT', '/projects/aurora', { title: 'Mine' }],
      [ADA, 'DELETE', '/projects/aurora', undefined],
    ]
    for (const [login, method, target, body] of rows) {
      const answer = await send(demo.origin, target, { login, method, ...(body && { body }) })
      expect([answer.status, answer.error], `${method} ${target}`).toEqual([403, 'action_denied'])
    }
  })
})

describe('documents', () => {
  it('are opened by the tokens of their project, and by no others', async () => {
    const { ada, alan, bea, otherAlan } = tokens
    const missing = '/projects/nowhere/documents/welcome.txt'
    const rows: readonly [string, Call, number, string | null][] = [
      [WELCOME.aurora, { token: alan.token }, 200, null],
      [WELCOME.aurora, { token: ada.token }, 200, null],
      [WELCOME.borealis, { token: otherAlan.token }, 200, null],
      [WELCOME.borealis, { token: alan.token }, 403, 'path_denied'],
      [WELCOME.borealis, { token: ada.token }, 403, 'path_denied'],
      [missing, { token: ada.token }, 403, 'path_denied'],
      [WELCOME.aurora, { token: bea.token }, 403, 'path_denied'],
      [WELCOME.aurora.replace('aurora', 'Aurora'), { token: alan.token }, 403, 'path_denied'],
      [
        '/projects/borealis/documents/../../aurora/documents/welcome.txt',
        { token: bea.token },
        404,
        'not_found',
      ],
      ['/projects/%62orealis/documents/welcome.txt', { token: alan.token }, 403, 'path_denied'],
      ['/projects/%61urora/documents/welcome.txt', { token: alan.token }, 200, null],
      ['/projects/aurora/documents/none.txt', { token: alan.token }, 404, 'not_found'],
      [WELCOME.aurora, {}, 401, 'token_missing'],
      [WELCOME.aurora, { login: ADA }, 401, 'token_missing'],
      [WELCOME.aurora, { login: ADMIN }, 401, 'token_missing'],
    ]
    for (const [target, call, status, error] of rows) {
      const answer = await send(demo.origin, target, call)
      expect([answer.status, answer.error], target).toEqual([status, error])
    }
  })

  it('refuse a foreign token with one answer, whether they are there or not', async () => {
    const { token } = tokens.ada
    const there = await send(demo.origin, WELCOME.borealis, { token })
    const notThere = await send(demo.origin, '/projects/nowhere/documents/welcome.txt', { token })
    expect(there.body).toBe(notThere.body)
  })

  it('are written with a token that may write', async () => {
    const target = '/projects/aurora/documents/ferries.txt'
    const body = { text: 'Ferries sail daily.\n' }
    const refused = await send(demo.origin, target, { token: tokens.alan.token, method: 'PUT', body })
    expect([refused.status, refused.error]).toEqual([403, 'method_denied'])
    const readsOnly = { subject: 'amy', scope: ['documents.read'] }
    const issued = await send(demo.origin, '/tokens', { login: ADA, method: 'POST', body: readsOnly })
    const { token }: { token: string } = JSON.parse(issued.body)
    const unscoped = await send(demo.origin, target, { token, method: 'PUT', body })
    expect([unscoped.status, unscoped.error]).toEqual([403, 'scope_denied'])
    const written = await send(demo.origin, target, { token: tokens.ada.token, method: 'PUT', body })
    expect(JSON.parse(written.body)).toEqual({ name: 'ferries.txt', project: 'aurora', writtenBy: 'ada' })
    expect((await send(demo.origin, target, { token: tokens.alan.token })).body).toBe(body.text)
  })
})
