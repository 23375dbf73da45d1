import { describe, expect, test } from 'vitest'
import {
  type Grant,
  type IssueInput,
  ownsRecord,
  type Principal,
  resolveProject,
  resolveSubject,
} from '../src/index.ts'
import { START } from './clock.ts'
import { startService } from './start-service.ts'

const at = (seconds: number): Date => new Date(START.getTime() + seconds * 1000)

async function issueUnder(grant: Grant, input: IssueInput = {}) {
  const { service } = await startService({ limits: { allowNoExpiry: true } })
  return (await service.issue({ ...input, grant })).record
}

describe('a field that is absent takes the value of the grant', () => {
  test.each<[Grant, object]>([
    [{ maxLifeSeconds: 60 }, { expiresAt: at(60) }],
    [{ maxLifeSeconds: 86_400 }, { expiresAt: at(3600) }],
    [{ maxLifeSeconds: 0.0004999 * 3 }, { expiresAt: at(0.001) }],
    [{ paths: ['/files/'] }, { paths: ['/files/'] }],
    [{ scope: ['files', 'files'] }, { scope: ['files'] }],
    [{ scope: [] }, { scope: [] }],
    [{ httpMethods: ['GET'] }, { httpMethods: ['GET'] }],
    [{ ip: ['10.0.0.0/8'] }, { ip: ['10.0.0.0/8'] }],
    [{ credits: 5 }, { credits: { limit: 5, remaining: 5 } }],
    [
      {},
      { paths: null, scope: [], httpMethods: null, ip: [], credits: null, claims: {}, expiresAt: at(3600) },
    ],
  ])('%j', async (grant, expected) => {
    expect(await issueUnder(grant)).toMatchObject(expected)
  })
})

describe('a field that is within the grant is taken as it is', () => {
  test.each<[Grant, IssueInput, object]>([
    [{ maxLifeSeconds: 60 }, { expiresIn: 60 }, { expiresAt: at(60) }],
    [{ maxLifeSeconds: 60 }, { expiresAt: at(59) }, { expiresAt: at(59) }],
    [{ paths: ['/files/'] }, { paths: ['/files/a', '/files/b/'] }, { paths: ['/files/a', '/files/b/'] }],
    [{ paths: ['/a/*', '/b'] }, { paths: ['/b', '/a/x*'] }, { paths: ['/b', '/a/x*'] }],
    [{ scope: ['files'] }, { scope: ['files.read'] }, { scope: ['files.read'] }],
    [{ scope: ['files'] }, { scope: [] }, { scope: [] }],
    [{ httpMethods: ['GET', 'PUT'] }, { httpMethods: ['PUT'] }, { httpMethods: ['PUT'] }],
    [{ httpMethods: ['GET'] }, { httpMethods: ['HEAD'] }, { httpMethods: ['HEAD'] }],
    [{ ip: ['10.0.0.0/8'] }, { ip: ['10.1.0.0/16', '10.2.3.4'] }, { ip: ['10.1.0.0/16', '10.2.3.4'] }],
    [{ ip: [] }, { ip: ['192.0.2.1'] }, { ip: ['192.0.2.1'] }],
    [{ credits: 5 }, { credits: 5 }, { credits: { limit: 5, remaining: 5 } }],
    [{ claims: ['plan'] }, { claims: { plan: 'pro' } }, { claims: { plan: 'pro' } }],
    [{ claims: ['plan'] }, { claims: {} }, { claims: {} }],
  ])('%j: %j', async (grant, input, expected) => {
    expect(await issueUnder(grant, input)).toMatchObject(expected)
  })
})

describe('MGT-98 a field that is beyond the grant is refused, by its name', () => {
  test.each<[Grant, IssueInput, string]>([
    [{}, { pool: 'account' }, 'pool'],
    [{ pools: ['account'] }, { pool: 'other' }, 'pool'],
    [{ maxLifeSeconds: 60 }, { expiresIn: 60.001 }, 'expiresIn'],
    [{ maxLifeSeconds: 60 }, { expiresIn: '2 minutes' }, 'expiresIn'],
    [{ maxLifeSeconds: 60 }, { expiresAt: at(61) }, 'expiresAt'],
    [{ maxLifeSeconds: 60 }, { expiresAt: null }, 'expiresAt'],
    [{ maxLifeSeconds: 0 }, {}, 'expiresIn'],
    [{ maxLifeSeconds: -1 }, { expiresIn: 1 }, 'expiresIn'],
    [{ maxLifeSeconds: Number.NaN }, { expiresIn: 1 }, 'expiresIn'],
    [{ maxLifeSeconds: Number.NaN }, { expiresAt: at(1) }, 'expiresAt'],
    [{ paths: ['/files/'] }, { paths: null }, 'paths'],
    [{ paths: ['/files/'] }, { paths: ['/'] }, 'paths'],
    [{ paths: ['/files/'] }, { paths: ['/files'] }, 'paths'],
    [{ paths: ['/files/'] }, { paths: ['/files/a', '/other'] }, 'paths'],
    [{ paths: ['/a/*'] }, { paths: ['/a/**'] }, 'paths'],
    [{ scope: ['files'] }, { scope: ['file'] }, 'scope'],
    [{ scope: ['files.read'] }, { scope: ['files'] }, 'scope'],
    [{ scope: [] }, { scope: ['a'] }, 'scope'],
    [{ httpMethods: ['GET'] }, { httpMethods: null }, 'httpMethods'],
    [{ httpMethods: ['GET'] }, { httpMethods: ['GET', 'DELETE'] }, 'httpMethods'],
    [{ httpMethods: ['HEAD'] }, { httpMethods: ['GET'] }, 'httpMethods'],
    [{ ip: ['10.0.0.0/8'] }, { ip: [] }, 'ip'],
    [{ ip: ['10.0.0.0/8'] }, { ip: ['0.0.0.0/0'] }, 'ip'],
    [{ ip: ['10.0.0.0/8'] }, { ip: ['10.0.0.1', '11.0.0.1'] }, 'ip'],
    [{ credits: 5 }, { credits: null }, 'credits'],
    [{ credits: 5 }, { credits: 6 }, 'credits'],
    [{ credits: 0 }, { credits: 1 }, 'credits'],
    // A token without credits would pass wherever a request costs nothing.
    [{ credits: 0 }, {}, 'credits'],
    [{ pools: ['main'] }, { pool: 'other' }, 'pool'],
    [{}, { claims: { plan: 'pro' } }, 'claims.plan'],
    // What a caller made up is not said back.
    [{}, { claims: { '<script>': 1 } }, 'claims'],
    [{ claims: ['plan'] }, { claims: { plan: 'pro', admin: true } }, 'claims.admin'],
  ])('%j: %j', async (grant, input, field) => {
    await expect(issueUnder(grant, input)).rejects.toMatchObject({ code: 'grant_exceeded', field })
  })
})

describe('a grant that is itself wrong grants nothing', () => {
  test.each<[Grant, string]>([
    [{ paths: [] }, 'grant.paths'],
    [{ paths: ['files'] }, 'grant.paths'],
    [{ scope: ['a b'] }, 'grant.scope'],
    [{ httpMethods: ['get'] }, 'grant.httpMethods'],
    [{ httpMethods: [] }, 'grant.httpMethods'],
    [{ ip: ['10.0.0.1/8'] }, 'grant.ip'],
    [{ credits: Number.NaN }, 'grant.credits'],
    [{ credits: 1.5 }, 'grant.credits'],
    [{ credits: -1 }, 'grant.credits'],
  ])('%j', async (grant, field) => {
    await expect(issueUnder(grant)).rejects.toMatchObject({ code: 'invalid_request', field })
  })

  test.each([
    ['claims', { claims: { admin: 1 } }],
    ['pools', { pool: 'admin' }],
  ] as const)('MGT-98 a text in the place of the list of %s is not searched', async (name, input) => {
    const grant = { [name]: 'administrator' } as unknown as Grant
    await expect(issueUnder(grant, input)).rejects.toMatchObject({
      code: 'invalid_request',
      field: `grant.${name}`,
    })
  })
})

test('the grant of a principal bounds the limits of the service no further than they are', async () => {
  const { service } = await startService({ limits: { maxLifeSeconds: 60 } })
  const grant = { maxLifeSeconds: 3600 }
  expect((await service.issue({ grant })).record.remainingSeconds).toBe(60)
  await expect(service.issue({ grant, expiresIn: 61 })).rejects.toMatchObject({ code: 'invalid_request' })
  await expect(service.issue({ grant, expiresIn: 3601 })).rejects.toMatchObject({ code: 'grant_exceeded' })
})

describe('whose it is', () => {
  const principal = (projects: Principal['projects'], subjects: Principal['subjects']): Principal => ({
    id: 'ada',
    projects,
    subjects,
    can: [],
  })

  test.each<[Principal['projects'], string | undefined, string]>([
    ['*', undefined, 'default'],
    ['*', 'any', 'any'],
    [['a'], undefined, 'a'],
    [['a'], 'a', 'a'],
    [['a'], 'b', 'grant_exceeded project'],
    [['a', 'default'], undefined, 'default'],
    [['a', 'b'], undefined, 'project_required project'],
    [[], undefined, 'project_required project'],
    [[], 'default', 'grant_exceeded project'],
    [['a'], '', 'grant_exceeded project'],
  ])('projects %j, asked for %j: %s', (projects, asked, expected) => {
    expect(outcomeOf(() => resolveProject(principal(projects, '*'), asked))).toBe(expected)
  })

  test.each<[Principal['subjects'], string | undefined, string]>([
    ['*', undefined, 'ada'],
    ['*', 'bob', 'bob'],
    [['bob'], undefined, 'bob'],
    [['bob'], 'eve', 'grant_exceeded subject'],
    [['ada', 'bob'], undefined, 'ada'],
    [['eve', 'bob'], undefined, 'subject_required subject'],
    [[], undefined, 'subject_required subject'],
    [[], 'ada', 'grant_exceeded subject'],
  ])('subjects %j, asked for %j: %s', (subjects, asked, expected) => {
    expect(outcomeOf(() => resolveSubject(principal('*', subjects), asked))).toBe(expected)
  })

  test('a token is the principal’s when both its project and its subject are', () => {
    const token = { project: 'a', subject: 'ada' }
    expect(ownsRecord(principal('*', '*'), token)).toBe(true)
    expect(ownsRecord(principal(['a'], ['ada']), token)).toBe(true)
    expect(ownsRecord(principal(['b'], '*'), token)).toBe(false)
    expect(ownsRecord(principal('*', ['bob']), token)).toBe(false)
    expect(ownsRecord(principal([], []), token)).toBe(false)
  })
})

function outcomeOf(resolve: () => string): string {
  try {
    return resolve()
  } catch (error) {
    const { code, field } = Object(error)
    return `${code} ${field}`
  }
}

test('a pool that the grant names may be drawn from, and none is filled in', async () => {
  const { service } = await startService()
  await service.createPool('default', 'account', 10)
  const grant = { pools: ['account'] }
  expect((await service.issue({ grant, pool: 'account' })).record.pool).toBe('account')
  expect((await service.issue({ grant })).record.pool).toBeNull()
})
