import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createLoad, type Load, prepareRequest } from '../bench/harness/load.ts'
import { formatSummary, summarize, summarizeRatios } from '../bench/harness/stats.ts'

const run = promisify(execFile)
const MANY = 1000

/** A load on a server that answers `/<status>` with that status. */
async function withLoad<T>(
  requests: readonly { path: string; expected: number }[],
  use: (load: Load) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    response.statusCode = Number(request.url?.slice(1))
    // Half of the answers come in chunks.
    if (Math.random() < 0.5) response.write('some of it, ')
    response.end('and the rest')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const load = createLoad({
    port: (server.address() as AddressInfo).port,
    connections: 4,
    requests: requests.map(({ path, expected }) =>
      prepareRequest({ method: 'GET', path, headers: [] }, expected),
    ),
  })
  try {
    return await use(load)
  } finally {
    load.close()
    server.close()
  }
}

test('a load counts its answers, and the wrong ones by what was expected', async () => {
  const requests = Array.from({ length: MANY }, (_, n) => ({
    path: n % 10 === 0 ? '/401' : '/200',
    expected: n % 5 === 0 ? 403 : 200,
  }))
  const { requests: answers, wrong } = await withLoad(requests, (load) => load.runOnce())
  expect(answers).toBe(MANY)
  expect(Object.fromEntries(wrong)).toEqual({ '403 → 401': MANY / 10, '403 → 200': MANY / 10 })
})

test('a load goes on where it stopped, and answers of one run are not counted in the next', async () => {
  const requests = [{ path: '/200', expected: 200 }]
  await withLoad(requests, async (load) => {
    for (let round = 0; round < 3; round++) {
      const result = await load.runOnce()
      expect(result).toMatchObject({ requests: 1, wrong: new Map() })
    }
    expect((await load.run(20)).requests).toBeGreaterThan(0)
  })
})

test('the load has a core of its own in each round, also when servers are started later', async () => {
  const script = `
    import { spawn } from 'node:child_process'
    import { readFileSync } from 'node:fs'
    import { assignCores } from './bench/harness/cores.ts'
    const coresOf = (pid) => /Cpus_allowed_list:\\s*(\\S+)/.exec(readFileSync('/proc/' + pid + '/status', 'utf8'))[1]
    const seen = []
    for (let round = 0; round < 3; round += 1) {
      const server = spawn('sleep', ['60'])
      assignCores([server.pid], round)
      seen.push({ load: coresOf(process.pid), server: coresOf(server.pid) })
      server.kill()
    }
    console.log(JSON.stringify(seen))`
  const { stdout } = await run('node', ['--no-warnings', '--input-type=module', '--eval', script])
  const [zero, one] = availableParallelism() < 2 ? ['0', '0'] : ['0', '1']
  expect(JSON.parse(stdout)).toEqual([
    { load: zero, server: one },
    { load: one, server: zero },
    { load: zero, server: one },
  ])
})

test('a ratio is formed inside each round, before the median', () => {
  expect(summarizeRatios([10, 40, 30], [10, 20, 10])).toEqual({ median: 2, low: 1.5, high: 2.5 })
  expect(summarize([5, 1, 3, 2, 4])).toEqual({ median: 3, low: 2, high: 4 })
  expect(formatSummary({ median: 2.126, low: 2.08, high: 2.2 })).toBe('2.13 (2.08 – 2.20)')
  expect(() => summarizeRatios([1], [])).toThrow('same rounds')
  expect(() => summarize([])).toThrow('nothing was measured')
})

test('the guards and the spends of the bench answer every request as they should', async () => {
  const scenarios = ['guard', 'spend']
  const options = ['--ours-only', '--rounds', '1', '--slice', '50', '--no-write']
  const { stdout } = await run('node', ['--no-warnings', 'bench/run.ts', ...scenarios, ...options], {
    // The other tests run beside it.
    env: { ...process.env, BENCH_MAX_STALENESS_MS: '60000' },
  })
  for (const host of ['Express', 'Koa', 'Nest on Express', 'Nest on Fastify']) {
    expect(stdout).toContain(`\n${host}, 20 connections`)
  }
  expect(stdout).toContain('hallpass, strict')
}, 300_000)
