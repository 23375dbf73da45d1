import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * Runs `probes/<name>.ts` in a process of its own, from a clean heap.
 * @param input handed to it as JSON
 * @returns what it found
 */
export async function runProbe<Found>(name: string, input: object): Promise<Found> {
  const file = fileURLToPath(new URL(`../probes/${name}.ts`, import.meta.url))
  const child = fork(file, [JSON.stringify(input)], { execArgv: ['--no-warnings', '--expose-gc'] })
  const found: Found[] = []
  child.once('message', (message) => found.push(message as Found))
  const [code] = await once(child, 'close')
  const [first] = found
  if (code !== 0 || first === undefined) throw new Error(`the probe ${name} failed`)
  return first
}

/** The probe's side: what it was handed. */
export function readInput<Input>(): Input {
  process.once('disconnect', () => process.exit(1))
  return JSON.parse(process.argv[2] ?? '') as Input
}

/** The probe's side: hands over what it found and ends. */
export function tell(found: object): void {
  process.send?.(found, () => process.exit(0))
}
