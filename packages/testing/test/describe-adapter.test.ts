import { expect, test } from 'vitest'
import { ADAPTER_ROWS } from '../src/adapter-rows.ts'
import { formatHostTable } from '../src/host-table.ts'
import { describeAdapter, findDifferences } from '../src/index.ts'
import { type Mistakes, startNode } from './start-node.ts'

describeAdapter('node:http', startNode())

/** Ids of the rows that notice a mistake. */
async function noticedBy(mistakes: Mistakes): Promise<ReadonlySet<string>> {
  return new Set((await findDifferences('node:http', startNode(mistakes))).map(({ id }) => id))
}

test('a host without its guards differs in every row that expects a refusal of the guard', async () => {
  const refusing = ADAPTER_ROWS.filter(({ expected }) =>
    expected.some(({ error, headers }) => error !== undefined && headers?.['cache-control'] === 'no-store'),
  )
  const noticed = new Set(
    (await findDifferences('node:http', startNode(), { withoutGuard: true })).map(({ id }) => id),
  )
  expect(refusing.length).toBeGreaterThan(60)
  expect(refusing.map(({ id }) => id).filter((id) => !noticed.has(id))).toEqual([])
})

test('a host that decodes or normalises the target is noticed', async () => {
  const noticed = await noticedBy({ target: (raw) => new URL(raw, 'http://host').pathname })
  expect([...noticed]).toEqual(expect.arrayContaining(['PTH-58', 'PTH-59', 'PTH-61', 'PTH-76', 'CAR-21']))
})

test('a host that hands over only the first of two headers is noticed', async () => {
  const noticed = await noticedBy({
    incoming(incoming) {
      incoming.rawHeaders = Object.entries(incoming.headers).flatMap(([name, value]) => [name, String(value)])
    },
  })
  expect([...noticed]).toEqual(expect.arrayContaining(['CAR-11', 'CAR-12']))
})

test('a host that drops the challenge, or changes the body, is noticed', async () => {
  const noticed = await noticedBy({
    result: (result) => (result.pass ? result : { ...result, response: { ...result.response, headers: {} } }),
  })
  expect([...noticed]).toEqual(expect.arrayContaining(['CAR-01', 'LIM-02', 'LIM-12', 'LIM-16', 'CRD-20']))
})

test('a host that does not hand the verified token on, or drops the headers of a pass, is noticed', async () => {
  expect([...(await noticedBy({ auth: () => undefined }))]).toEqual(
    expect.arrayContaining(['CAR-39', 'CRD-23']),
  )
  const noticed = await noticedBy({ result: (result) => (result.pass ? { ...result, headers: {} } : result) })
  expect([...noticed].toSorted()).toEqual(['CAR-21', 'CAR-26'])
})

test('every row has an id of its own', () => {
  const ids = ADAPTER_ROWS.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('the table shows what differs, and counts it', () => {
  const cell = { title: 'a row', expected: '200', seen: '200', good: true }
  const table = formatHostTable([
    { host: 'one', cells: { A: cell, B: cell } },
    { host: 'two', cells: { A: { ...cell, seen: '403 path_denied', good: false } } },
  ])
  expect(table.split('\n').map((line) => line.replaceAll(/ {2,}/g, '|'))).toEqual([
    'row|request|expected|one|two',
    'A|a row|200|=|NOT 403 path_denied',
    'B|a row|200|=|not run',
    '2 rows × 2 hosts: 2 cells differ',
  ])
})
