import { createHash } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { createMemoryStore, type IssueInput, type TokenService } from '../src/index.ts'
import { START } from './clock.ts'
import { createDialectProfile } from './dialect-profile.ts'
import { readPayload } from './forge-token.ts'
import { authorizeOutcome, startService } from './start-service.ts'

async function refusalOf(service: TokenService, input: object): Promise<{ code: unknown; field: unknown }> {
  const failure: unknown = await Reflect.apply(service.issue, service, [input]).then(
    () => null,
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ name: 'TokenRequestError' })
  const { code, field } = Object(failure)
  return { code, field }
}

const at = (seconds: number): Date => new Date(START.getTime() + seconds * 1000)

test('an empty request gives a token for an hour that is bound to nothing', async () => {
  const { service } = await startService()
  const { token, record } = await service.issue({})
  expect(record).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
    project: 'default',
    subject: 'default',
    name: null,
    application: 'default',
    profile: 'native',
    createdAt: START,
    notBefore: null,
    expiresAt: at(3600),
    ip: [],
    paths: null,
    scope: [],
    httpMethods: null,
    credits: null,
    pool: null,
    claims: {},
    tokenSha256: createHash('sha256').update(token).digest('hex'),
    createdBy: 'service',
    lastUsedAt: null,
    revokedAt: null,
    status: 'active',
    remainingSeconds: 3600,
  })
  expect(await service.get('default', record.id)).toEqual(record)
})

test('everything that is asked for is kept, in its canonical form', async () => {
  const { service } = await startService()
  await service.createPool('acme', 'team', 9)
  const { record } = await service.issue({
    project: 'acme',
    subject: 'ada',
    name: 'Ada’s token',
    application: 'cli',
    notBefore: at(10),
    expiresIn: '1 day',
    ip: ['::ffff:10.0.0.1', '2001:DB8::/32'],
    paths: ['/files/', '/a b'.replace(' ', '%20')],
    scope: ['files.read', 'files.read', 'b'],
    httpMethods: ['GET', 'GET', 'POST'],
    credits: 7,
    pool: 'team',
    claims: { plan: { level: 3 } },
    createdBy: 'admin',
  })
  expect(record).toMatchObject({
    project: 'acme',
    subject: 'ada',
    name: 'Ada’s token',
    application: 'cli',
    notBefore: at(10),
    expiresAt: at(86_400),
    ip: ['10.0.0.1', '2001:db8::/32'],
    paths: ['/files/', '/a%20b'],
    scope: ['files.read', 'b'],
    httpMethods: ['GET', 'POST'],
    credits: { limit: 7, remaining: 7 },
    pool: 'team',
    claims: { plan: { level: 3 } },
    createdBy: 'admin',
    status: 'pending',
  })
})

test('what the caller does with its objects afterwards changes nothing', async () => {
  const { service } = await startService()
  const scope = ['files']
  const claims = { plan: { level: 1 } }
  const expiresAt = at(60)
  const { token, record } = await service.issue({ scope, claims, expiresAt })
  scope.push('admin')
  claims.plan.level = 9
  expiresAt.setFullYear(2099)
  const stored = await service.get('default', record.id)
  expect(stored).toMatchObject({ scope: ['files'], claims: { plan: { level: 1 } }, expiresAt: at(60) })
  expect(readPayload(token)).toMatchObject({ scope: 'files', plan: { level: 1 } })
})

test('a clock that hands out one date again and again does not move what was stored', async () => {
  const moment = new Date(START)
  const { service } = await startService({ now: () => moment })
  const { record } = await service.issue({})
  moment.setFullYear(2030)
  expect(record.createdAt).toEqual(START)
  expect((await service.get('default', record.id))?.createdAt).toEqual(START)
})

describe('the life', () => {
  test.each<[IssueInput, number]>([
    [{ expiresIn: 90 }, 90],
    [{ expiresIn: 0.25 }, 0.25],
    [{ expiresIn: '6 hours' }, 21_600],
    [{ expiresIn: '1h30m' }, 5400],
    [{ expiresIn: '2 weeks, 3 days' }, 1_468_800],
    [{ expiresAt: at(12.5) }, 12.5],
  ])('%j', async (input, seconds) => {
    const { service } = await startService()
    expect((await service.issue(input)).record).toMatchObject({
      expiresAt: at(seconds),
      remainingSeconds: seconds,
    })
  })

  const rows: [id: string, input: object, field: string][] = [
    ['MGT-84', { expiresIn: '-1h' }, 'expiresIn'],
    ['MGT-85', { expiresIn: '99999999999999999999 years' }, 'expiresIn'],
    ['MGT-86', { expiresIn: '999999999999 weeks' }, 'expiresIn'],
    ['MGT-87', { expiresIn: 1e99 }, 'expiresIn'],
    ['MGT-88', { expiresIn: 0 }, 'expiresIn'],
    ['MGT-89', { expiresIn: Number.NaN }, 'expiresIn'],
    ['MGT-90', { expiresIn: Number.POSITIVE_INFINITY }, 'expiresIn'],
    ['MGT-91', { expiresIn: 60, expiresAt: at(60) }, 'expiresIn'],
    ['MGT-92', { expiresAt: at(-1) }, 'expiresAt'],
    ['MGT-93', { expiresAt: new Date(Number.NaN) }, 'expiresAt'],
    ['MGT-94', { expiresAt: '2030-01-01' }, 'expiresAt'],
    ['MGT-95', { expiresAt: new Date('+010000-01-01T00:00:00Z') }, 'expiresAt'],
    ['MGT-96', { expiresAt: at(60), notBefore: at(60) }, 'notBefore'],
  ]
  test.each(rows)('%s %j is refused', async (_id, input, field) => {
    const { service } = await startService()
    expect(await refusalOf(service, input)).toEqual({ code: 'invalid_request', field })
  })

  test.each([
    { expiresIn: '1:30' },
    { expiresIn: '1 month' },
    { expiresIn: '90' },
    { expiresIn: '' },
    { expiresIn: ' ' },
    { expiresIn: true },
    { expiresAt: START },
    { expiresAt: null },
    { notBefore: at(4000) },
    { notBefore: new Date(-1) },
    { notBefore: START.getTime() },
    { notBefore: null },
  ])('%j is refused as well', async (input) => {
    const { service } = await startService()
    expect(await refusalOf(service, input)).toMatchObject({ code: 'invalid_request' })
  })

  test('defaults.expiresIn, and what bounds it', async () => {
    const { service } = await startService({
      defaults: { expiresIn: '2 hours' },
      limits: { maxLifeSeconds: 5400 },
    })
    expect((await service.issue({})).record.remainingSeconds).toBe(5400)
    expect((await service.issue({ expiresIn: 5400 })).record.remainingSeconds).toBe(5400)
    expect(await refusalOf(service, { expiresIn: 5400.001 })).toMatchObject({ field: 'expiresIn' })
    expect(await refusalOf(service, { expiresAt: at(5401) })).toMatchObject({ field: 'expiresAt' })
    expect((await service.issue({ grant: { maxLifeSeconds: 60 } })).record.remainingSeconds).toBe(60)
  })

  test('never only where the service allows it, and nothing bounds it', async () => {
    const { service, clock } = await startService({ limits: { allowNoExpiry: true } })
    const { token, record } = await service.issue({ expiresAt: null })
    expect(record).toMatchObject({ expiresAt: null, remainingSeconds: null })
    expect(readPayload(token)).not.toHaveProperty('exp')
    clock.set('9999-01-01T00:00:00Z')
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    const bounded = await startService({ limits: { allowNoExpiry: true, maxLifeSeconds: 60 } })
    expect(await refusalOf(bounded.service, { expiresAt: null })).toEqual({
      code: 'invalid_request',
      field: 'expiresAt',
    })
    expect((await bounded.service.issue({})).record.remainingSeconds).toBe(60)
  })

  test('never for one token, where the caller says so and its kind may', async () => {
    const { service } = await startService()
    const profile = createDialectProfile('endless', 'HS256', { requireExpiry: false })
    const input = { expiresAt: null, allowNoExpiry: true, profile }
    const { token, record } = await service.issue(input)
    expect(record.expiresAt).toBeNull()
    expect(readPayload(token)).not.toHaveProperty('exp')
    for (const refused of [
      { ...input, allowNoExpiry: false },
      { expiresAt: null, allowNoExpiry: true },
      { ...input, grant: { maxLifeSeconds: 60 } },
    ]) {
      expect(await refusalOf(service, refused)).toMatchObject({ field: 'expiresAt' })
    }
    const bounded = await startService({ limits: { maxLifeSeconds: 60 } })
    expect(await refusalOf(bounded.service, input)).toMatchObject({ field: 'expiresAt' })
  })

  test('over already only where the caller says so', async () => {
    const { service } = await startService()
    const { token, record } = await service.issue({ expiresAt: at(-60), allowExpired: true })
    expect(record).toMatchObject({ status: 'expired', remainingSeconds: 0 })
    expect(await authorizeOutcome(service, token)).toBe('token_expired')
    expect(
      await refusalOf(service, { expiresAt: at(-60), notBefore: at(-30), allowExpired: true }),
    ).toMatchObject({
      field: 'notBefore',
    })
  })
})

describe('a value that is not what it should be is refused, with its field', () => {
  const long = (length: number): string => 'x'.repeat(length)
  test.each<[object, string]>([
    [{ project: '' }, 'project'],
    [{ project: long(129) }, 'project'],
    [{ project: 'a\u202eb' }, 'project'],
    [{ project: null }, 'project'],
    [{ subject: long(257) }, 'subject'],
    [{ subject: ' a' }, 'subject'],
    [{ name: long(256) }, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'a\u0000' }, 'name'],
    [{ application: long(129) }, 'application'],
    [{ application: 7 }, 'application'],
    [{ createdBy: '\n' }, 'createdBy'],
    [{ ip: '10.0.0.1' }, 'ip'],
    [{ ip: null }, 'ip'],
    [{ ip: '' }, 'ip'],
    [{ ip: ['10.0.0.1/8'] }, 'ip'],
    [{ ip: [7] }, 'ip'],
    [{ ip: Array.from({ length: 33 }, (_, n) => `10.0.0.${n}`) }, 'ip'],
    [{ paths: [] }, 'paths'],
    [{ paths: '' }, 'paths'],
    [{ paths: false }, 'paths'],
    [{ paths: ['files'] }, 'paths'],
    [{ paths: ['/a/../b'] }, 'paths'],
    [{ paths: Array.from({ length: 33 }, (_, n) => `/${n}`) }, 'paths'],
    [{ scope: 'files' }, 'scope'],
    [{ scope: null }, 'scope'],
    [{ scope: ['a b'] }, 'scope'],
    [{ scope: Array.from({ length: 65 }, (_, n) => `s${n}`) }, 'scope'],
    [{ httpMethods: [] }, 'httpMethods'],
    [{ httpMethods: ['get'] }, 'httpMethods'],
    [{ httpMethods: 0 }, 'httpMethods'],
    [{ credits: 0 }, 'credits'],
    [{ credits: -1 }, 'credits'],
    [{ credits: 0.5 }, 'credits'],
    [{ credits: 2 ** 53 }, 'credits'],
    [{ credits: '5' }, 'credits'],
    [{ pool: 'nobody' }, 'pool'],
    [{ pool: '' }, 'pool'],
    [{ claims: null }, 'claims'],
    [{ claims: [] }, 'claims'],
    [{ claims: { exp: 1 } }, 'claims'],
    [{ claims: { project: 'x' } }, 'claims'],
    [{ claims: { metered: false } }, 'claims'],
    [{ claims: JSON.parse('{"__proto__":{"admin":true}}') }, 'claims'],
    [{ claims: { a: long(4097) } }, 'claims'],
    [{ uniqueName: true }, 'name'],
  ])('%j', async (input, field) => {
    const { service } = await startService()
    expect(await refusalOf(service, input)).toEqual({ code: 'invalid_request', field })
    expect((await service.list({ project: 'default' })).tokens).toEqual([])
  })

  test('the most of everything is accepted, as long as the token is not longer than 8 KB', async () => {
    const { service } = await startService()
    const { token } = await service.issue({
      project: long(128),
      subject: long(256),
      name: long(255),
      application: long(128),
      credits: Number.MAX_SAFE_INTEGER,
      httpMethods: ['GET'],
      scope: Array.from({ length: 64 }, (_, n) => `s${n}`),
      ip: Array.from({ length: 32 }, (_, n) => `10.0.0.${n}`),
      paths: Array.from({ length: 32 }, (_, n) => `/${n}`),
    })
    expect(token.length).toBeLessThanOrEqual(8192)
  })

  test('MGT-97 a token that would be longer than 8 KB is not issued, and nothing is stored', async () => {
    const { service } = await startService()
    const input = { claims: { a: long(4000) } }
    expect((await service.issue(input)).token.length).toBeLessThan(8192)
    const paths = Array.from({ length: 32 }, (_, n) => `/${n}/${long(200)}`)
    expect(await refusalOf(service, { ...input, subject: 'big', paths })).toEqual({
      code: 'invalid_request',
      field: null,
    })
    expect((await service.list({ project: 'default', subject: 'big' })).tokens).toEqual([])
  })
})

test('MGT-97 paths that no token could hold are refused before they are compared with a grant', async () => {
  const { service } = await startService()
  const paths = Array.from({ length: 9 }, (_, n) => `/${n}/${'a'.repeat(1000)}`)
  expect(await refusalOf(service, { paths })).toEqual({ code: 'invalid_request', field: 'paths' })
  expect(await refusalOf(service, { paths, grant: { paths: ['/b'] } })).toEqual({
    code: 'invalid_request',
    field: 'paths',
  })
})

describe('uniqueName', () => {
  const unique = (name: string, subject = 'ada'): IssueInput => ({ name, subject, uniqueName: true })

  test('refuses a name that an unrevoked token of the subject has', async () => {
    const { service, clock } = await startService()
    const { record } = await service.issue(unique('laptop'))
    expect(await refusalOf(service, unique('laptop'))).toEqual({ code: 'name_taken', field: 'name' })
    await service.issue(unique('laptop', 'bob'))
    await service.issue(unique('desktop'))
    await service.issue({ name: 'laptop', subject: 'ada' })
    clock.advance(86_400)
    expect(await refusalOf(service, unique('laptop'))).toMatchObject({ code: 'name_taken' })
    await service.revoke('default', record.id)
    await service.issue(unique('laptop'))
  })

  test('holds within one issueMany', async () => {
    const { service } = await startService()
    await expect(service.issueMany([unique('a'), unique('b'), unique('a')])).rejects.toMatchObject({
      code: 'name_taken',
    })
    await expect(service.issueMany([unique('a'), { name: 'b' }])).rejects.toMatchObject({
      field: 'uniqueName',
    })
    expect((await service.list({ project: 'default' })).tokens).toEqual([])
    expect(await service.issueMany([unique('a'), unique('b')])).toHaveLength(2)
  })
})

describe('issueMany', () => {
  test('all or none', async () => {
    const store = createMemoryStore()
    const insert = vi.fn(store.insert)
    const { service } = await startService({ store: { ...store, insert } })
    await expect(service.issueMany([{}, {}, { credits: 0 }])).rejects.toMatchObject({ field: 'credits' })
    expect(insert).not.toHaveBeenCalled()
    const issued = await service.issueMany([{ subject: 'a' }, { subject: 'b', project: 'other' }])
    expect(issued.map(({ record }) => [record.project, record.subject])).toEqual([
      ['default', 'a'],
      ['other', 'b'],
    ])
    expect(insert).toHaveBeenCalledOnce()
    for (const { token } of issued) expect(await authorizeOutcome(service, token)).toBe('allowed')
  })

  test('1 to 1000', async () => {
    const { service } = await startService()
    await expect(service.issueMany([])).rejects.toMatchObject({ code: 'invalid_request' })
    const many = Array.from({ length: 1001 }, () => ({}))
    await expect(service.issueMany(many)).rejects.toMatchObject({ code: 'invalid_request' })
    const issued = await service.issueMany(many.slice(1))
    expect(new Set(issued.map(({ token }) => token)).size).toBe(1000)
  })

  test('several kinds at once', async () => {
    const { service } = await startService()
    const vendor = createDialectProfile('vendor', 'HS256')
    const issued = await service.issueMany([{}, { profile: vendor }])
    expect(issued.map(({ record }) => record.profile)).toEqual(['native', 'vendor'])
  })
})
