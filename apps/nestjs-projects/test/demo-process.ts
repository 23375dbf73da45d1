import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDemoStarter, type Demo, type DemoStarter } from '@hallpass/testing'

export const APP_FOLDER: string = fileURLToPath(new URL('..', import.meta.url))

/** What `npm run demo:nest` starts: the app from its sources. */
export const START: readonly string[] = [
  '--conditions=@hallpass/source',
  join(APP_FOLDER, '../../scripts/demo.js'),
  'nestjs-projects',
]

export const DEMO: DemoStarter = createDemoStarter({
  name: 'nestjs-projects',
  start: START,
  lastLine: /^curl .+welcome\.txt\n/m,
})

export const { createDataDir, runDemo, shareDemo, startDemo } = DEMO

/** The start lines that are to be pasted. */
export function readStartLines(demo: Demo): string {
  return demo
    .output()
    .split('\n')
    .filter((line) => /^(curl |[A-Z_]+=\$\()/.test(line))
    .join('\n')
}
