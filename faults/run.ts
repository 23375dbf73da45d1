import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, type as system } from 'node:os'
import { fileURLToPath } from 'node:url'
import { STORE_NAMES, startDatabase } from './database.ts'
import { type FaultResults, FULL, QUICK, runFaults } from './fault-runs.ts'
import { findFaults, toReport } from './report.ts'

// `npm run faults -- [--quick] [sqlite] [postgres] [redis]`: without anything, all of it, and the tables of
// docs/reliability.md are written.
const parameters = process.argv.slice(2)
const rounds = parameters.includes('--quick') ? QUICK : FULL
const named = STORE_NAMES.filter((name) => parameters.includes(name))
const page = fileURLToPath(new URL('../docs/reliability.md', import.meta.url))
const TABLES = /(<!-- faults -->).*(<!-- \/faults -->)/s

const results: FaultResults[] = []
for (const name of named.length === 0 ? STORE_NAMES : named) {
  const database = await startDatabase(name)
  // No server outlives the one who started it.
  const interrupt = (): void => void database.stop().finally(() => process.exit(130))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    results.push(await runFaults(database, rounds, (line) => console.error(line)))
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt)
    await database.stop()
  }
}

const day = new Date().toISOString().slice(0, 10)
const machine = `Printed by \`npm run faults\` on ${day}: Node ${process.version}, ${system()} ${release()}, ${cpus().length} cores.`
const report = toReport(results, machine)
console.log(report)
if (rounds === FULL && named.length === 0) {
  const text = readFileSync(page, 'utf8')
  writeFileSync(
    page,
    text.replace(TABLES, (_, begin: string, end: string) => `${begin}\n\n${report}\n\n${end}`),
  )
}

const faults = findFaults(results)
for (const fault of faults) console.error(`FAULT ${fault}`)
process.exit(faults.length === 0 ? 0 : 1)
