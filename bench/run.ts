import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readCommit, readMachine } from './harness/machine.ts'
import { type RunRecord, toPage, toText } from './harness/render.ts'
import type { ScenarioOptions, ScenarioResult } from './harness/result.ts'

// `npm run bench [scenario…] [-- --rounds N --slice MS --ours-only --no-write]`: without a scenario, all of them.
const SCENARIOS = [
  'guard',
  'verify',
  'issue',
  'spend',
  'list',
  'revoke',
  'start',
  'size',
  'manage',
  'processes',
] as const

/** A run with fewer is for trying things out and is not written. */
const PUBLISHED_ROUNDS = 11

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: String(PUBLISHED_ROUNDS) },
    slice: { type: 'string', default: '1000' },
    'ours-only': { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
  },
})
const options: ScenarioOptions = {
  rounds: toNumber(values.rounds, 'rounds'),
  sliceMs: toNumber(values.slice, 'slice'),
  oursOnly: values['ours-only'],
}
for (const name of positionals) {
  if (!SCENARIOS.some((known) => known === name)) {
    fail(`there is no scenario "${name}", only: ${SCENARIOS.join(', ')}`)
  }
}
const chosen = SCENARIOS.filter((name) => positionals.length === 0 || positionals.includes(name))
const unwritten = toReasonNotToWrite()

if (!options.oursOnly) installPeers()

let running: ChildProcess | null = null
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    running?.kill()
    process.exit(130)
  })
}

const machine = readMachine()
// Now: the first scenario that is written makes the tree another one.
const commit = readCommit()
const command = toCommand(process.argv.slice(2))
const failed: string[] = []
for (const scenario of chosen) {
  console.error(`${scenario} …`)
  const startedAt = performance.now()
  const result = await runScenario(scenario)
  if (result === null) {
    failed.push(scenario)
    continue
  }
  const record: RunRecord = {
    scenario,
    machine,
    commit,
    date: new Date().toISOString().slice(0, 10),
    command,
    rounds: options.rounds,
    sliceMs: options.sliceMs,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    result,
  }
  console.log(toText(record))
  if (unwritten === null) write(record)
}
if (unwritten !== null) console.error(`RESULTS.md is as it was: ${unwritten}`)
for (const scenario of failed) console.error(`FAILED ${scenario}: nothing of it was written`)
process.exit(failed.length === 0 ? 0 : 1)

/** In a process of its own, so that each begins with a clean heap. @returns null when it failed, which it has said */
async function runScenario(name: string): Promise<ScenarioResult | null> {
  const file = fileURLToPath(new URL('harness/scenario-process.ts', import.meta.url))
  // What one subject leaves behind is collected before the next one's slice.
  const execArgv = ['--no-warnings', '--expose-gc']
  const child = fork(file, [name, JSON.stringify(options)], {
    execArgv,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  running = child
  let result: ScenarioResult | null = null
  child.once('message', (message) => {
    result = message as ScenarioResult
  })
  const [code] = await once(child, 'close')
  running = null
  return code === 0 ? result : null
}

function write(record: RunRecord): void {
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(toFile(record.scenario), `${JSON.stringify(record, null, 2)}\n`)
  const records = SCENARIOS.map(toFile)
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as RunRecord)
  writeFileSync(new URL('RESULTS.md', import.meta.url), toPage(records))
}

function toFile(scenario: string): URL {
  return new URL(`results/${scenario}.json`, import.meta.url)
}

function installPeers(): void {
  if (existsSync(new URL('node_modules/', import.meta.url))) return
  console.error('the peers are not installed: npm ci in bench')
  execFileSync('npm', ['ci'], { cwd: fileURLToPath(new URL('.', import.meta.url)), stdio: 'inherit' })
}

function toReasonNotToWrite(): string | null {
  if (values['no-write']) return '--no-write'
  if (options.oursOnly) return 'a run without the peers is not published'
  if (options.rounds < PUBLISHED_ROUNDS) return `fewer than ${PUBLISHED_ROUNDS} rounds are not published`
  return null
}

function toNumber(text: string, option: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  return fail(`--${option} must be a whole number above 0`)
}

/** As it can be typed: npm keeps options for itself unless they follow `--`. */
function toCommand(parameters: readonly string[]): string {
  const names = parameters.filter((parameter) => positionals.includes(parameter))
  const rest = parameters.filter((parameter) => parameter !== '--' && !names.includes(parameter))
  return ['npm run bench', ...names, ...(rest.length > 0 ? ['--', ...rest] : [])].join(' ')
}

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}
