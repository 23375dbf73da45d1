// `npm test`: lint, build, type-check, then every test with coverage. Ends with `N passed, N failed` alone on a line.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'

process.env.TURBO_TELEMETRY_DISABLED = '1'
const report = '.tmp/test-report.json'
mkdirSync('.tmp', { recursive: true })
rmSync(report, { force: true })

/** @type {[command: string, ...args: string[]][]} */
const steps = [
  ['biome', 'ci', '.', '--colors=off', '--reporter=summary'],
  ['turbo', 'run', 'build', 'typecheck', '--output-logs=errors-only'],
  ['tsc', '-p', 'test/tsconfig.json'],
  ['tsc', '-p', 'faults/tsconfig.json'],
  ...typeCheckOfBench(),
  ['vitest', 'run', '--coverage', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
]

/**
 * The types of its peers come with them, and `npm ci` of the root does not bring them. CI installs them.
 * @returns {[command: string, ...args: string[]][]}
 */
function typeCheckOfBench() {
  if (existsSync('bench/node_modules') || process.env.CI) return [['tsc', '-p', 'bench/tsconfig.json']]
  console.log('bench/ is not type-checked: its peers are not installed (npm ci in bench)')
  return []
}

let failedSteps = 0
for (const [command, ...args] of steps) {
  console.log(`\n> ${command} ${args.join(' ')}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) failedSteps += 1
}

const { passed, failed } = readCounts()
// A step that failed without a failing test (lint, types, coverage) counts as one failure.
const failures = Math.max(failed, failedSteps > 0 || passed === 0 ? 1 : 0)
console.log(`\n${passed} passed, ${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1

function readCounts() {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  } catch {
    return { passed: 0, failed: 1 }
  }
}
