import { describe, expect, test, vi } from 'vitest'
import { createMemoryStore, type ListQuery, type TokenService } from '../src/index.ts'
import { authorizeOutcome, startService } from './start-service.ts'

/** The pages of a list, as the names of their tokens. */
async function readPages(service: TokenService, query: ListQuery): Promise<(string | null)[][]> {
  const pages: (string | null)[][] = []
  let after: string | undefined
  do {
    const { tokens, next } = await service.list({ ...query, ...(after !== undefined && { after }) })
    pages.push(tokens.map(({ name }) => name))
    after = next ?? undefined
  } while (after !== undefined)
  return pages
}

async function openNumbered(count: number) {
  const started = await startService()
  const { service, clock } = started
  for (let n = 1; n <= count; n++) {
    await service.issue({ name: `${n}`, subject: n % 2 ? 'odd' : 'even', application: n < 4 ? 'old' : 'new' })
    clock.advance(1)
  }
  return started
}

test('newest first, page by page, without an empty page at the end', async () => {
  const { service } = await openNumbered(5)
  expect(await readPages(service, { project: 'default', limit: 2 })).toEqual([['5', '4'], ['3', '2'], ['1']])
  expect(await readPages(service, { project: 'default', limit: 5 })).toEqual([['5', '4', '3', '2', '1']])
  expect(await readPages(service, { project: 'default' })).toEqual([['5', '4', '3', '2', '1']])
  expect(await readPages(service, { project: 'other' })).toEqual([[]])
})

test('filters go together', async () => {
  const { service } = await openNumbered(6)
  const filtered = (filter: Partial<ListQuery>) => readPages(service, { project: 'default', ...filter })
  expect(await filtered({ subject: 'odd' })).toEqual([['5', '3', '1']])
  expect(await filtered({ application: 'old' })).toEqual([['3', '2', '1']])
  expect(await filtered({ subject: 'odd', application: 'old', limit: 1 })).toEqual([['3'], ['1']])
  expect(await filtered({ name: '4' })).toEqual([['4']])
  expect(await filtered({ subject: '__proto__' })).toEqual([[]])
})

test('tokens that are issued between two pages shift nothing', async () => {
  const { service } = await openNumbered(4)
  const first = await service.list({ project: 'default', limit: 2 })
  await service.issue({ name: 'late' })
  const second = await service.list({ project: 'default', limit: 2, after: first.next ?? '' })
  expect(second.tokens.map(({ name }) => name)).toEqual(['2', '1'])
  expect(second.next).toBeNull()
})

describe('by status', () => {
  test('each token is in the list of its status only, page by page', async () => {
    const { service, clock } = await startService()
    const issue = (name: string, input = {}) => service.issue({ name, expiresIn: '1 day', ...input })
    await issue('active')
    await issue('pending', { notBefore: new Date(clock.now().getTime() + 60_000) })
    await issue('expired', { expiresIn: 1 })
    const { token } = await issue('exhausted', { credits: 1 })
    expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('allowed')
    const { record } = await issue('revoked', { credits: 1 })
    await service.revoke('default', record.id)
    await issue('active too')
    clock.advance(1)
    for (const status of ['active', 'pending', 'exhausted', 'expired', 'revoked'] as const) {
      const names = (await readPages(service, { project: 'default', status, limit: 1 })).flat()
      expect(names).toEqual(status === 'active' ? ['active too', 'active'] : [status])
    }
  })

  test('a page costs no more than a bounded look: it may be short while there is more', async () => {
    const memory = createMemoryStore()
    const list = vi.fn(memory.list)
    const { service } = await startService({ store: { ...memory, list } })
    const { record } = await service.issue({ name: 'oldest' })
    await service.revoke('default', record.id)
    for (let n = 0; n < 11; n++) await service.issueMany(Array.from({ length: 1000 }, () => ({})))
    const first = await service.list({ project: 'default', status: 'revoked' })
    expect(first.tokens).toEqual([])
    expect(first.next).not.toBeNull()
    expect(list).toHaveBeenCalledTimes(50)
    const second = await service.list({ project: 'default', status: 'revoked', after: first.next ?? '' })
    expect(second).toMatchObject({ tokens: [{ name: 'oldest' }], next: null })
  })

  test('lets others have their turn between the tokens that it looks at', async () => {
    const { service } = await startService()
    await service.issueMany(Array.from({ length: 1000 }, () => ({})))
    const turns: string[] = []
    const listed = service.list({ project: 'default', status: 'revoked' }).then(() => turns.push('listed'))
    setImmediate(() => turns.push('other'))
    await listed
    expect(turns).toEqual(['other', 'listed'])
  })

  test('a full chunk that ends with the last match needs no empty page', async () => {
    const { service } = await startService()
    await service.issueMany(Array.from({ length: 200 }, () => ({})))
    const page = await service.list({ project: 'default', status: 'active', limit: 200 })
    expect(page.tokens).toHaveLength(200)
    expect(page.next).toBeNull()
  })
})

describe('MGT-99 a cursor is one of this list or refused', () => {
  const query: ListQuery = { project: 'default', limit: 1 }

  test('tampered, cut, respelled, of other types', async () => {
    const { service } = await openNumbered(3)
    const { next } = await service.list(query)
    const cursor = next ?? ''
    expect(cursor).toMatch(/^[\w-]+$/)
    const cursors: unknown[] = [
      '',
      'x',
      'null',
      `${cursor}A`,
      `${cursor}=`,
      cursor.slice(1),
      cursor.slice(0, -1),
      `${cursor[0] === 'A' ? 'B' : 'A'}${cursor.slice(1)}`,
      cursor.toLowerCase(),
      'A'.repeat(1_000_000),
      "' OR 1=1 --",
      7,
      null,
      [cursor],
      {},
    ]
    for (const after of cursors) {
      await expect(Reflect.apply(service.list, service, [{ ...query, after }])).rejects.toMatchObject({
        code: 'invalid_request',
        field: 'after',
      })
    }
    expect((await service.list({ ...query, limit: 2, after: cursor })).tokens).toHaveLength(2)
  })

  test.each<[string, Partial<ListQuery>]>([
    ['project', { project: 'other' }],
    ['subject', { subject: 'odd' }],
    ['application', { application: 'new' }],
    ['name', { name: '1' }],
    ['status', { status: 'active' }],
  ])('from a list with another %s', async (_what, change) => {
    const { service } = await openNumbered(3)
    const { next } = await service.list(query)
    await expect(service.list({ ...query, ...change, after: next ?? '' })).rejects.toMatchObject({
      field: 'after',
    })
  })
})

test.each<[object, string]>([
  [{ limit: 0 }, 'limit'],
  [{ limit: -1 }, 'limit'],
  [{ limit: 201 }, 'limit'],
  [{ limit: 1e9 }, 'limit'],
  [{ limit: 1.5 }, 'limit'],
  [{ limit: Number.NaN }, 'limit'],
  [{ limit: '5' }, 'limit'],
  [{ status: 'all' }, 'status'],
  [{ project: '' }, 'project'],
  [{ project: 'a\u0000' }, 'project'],
  [{ subject: '\u0000' }, 'subject'],
  [{ application: '' }, 'application'],
  [{ name: 'x'.repeat(300) }, 'name'],
])('%j is refused', async (change, field) => {
  const { service } = await startService()
  await expect(
    Reflect.apply(service.list, service, [{ project: 'default', ...change }]),
  ).rejects.toMatchObject({ code: 'invalid_request', field })
})
