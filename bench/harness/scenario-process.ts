import type { Scenario, ScenarioOptions, ScenarioResult } from './result.ts'

// The child of `run.ts` in which one scenario runs: `scenario-process.ts <scenario> <options as JSON>`.
const [name = '', options = ''] = process.argv.slice(2)

// No scenario outlives the one who started it.
process.once('disconnect', () => process.exit(1))

const { run } = (await import(new URL(`../scenarios/${name}.ts`, import.meta.url).href)) as { run: Scenario }
const result: ScenarioResult = await run(JSON.parse(options) as ScenarioOptions)
process.send?.(result, () => process.exit(0))
