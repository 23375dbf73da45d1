import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDemoStarter, type DemoStarter } from '@hallpass/testing'

export const APP_FOLDER: string = fileURLToPath(new URL('..', import.meta.url))

/** The app from source. */
export const START: readonly string[] = ['--conditions=@hallpass/source', join(APP_FOLDER, 'start.js')]

export const DEMO: DemoStarter = createDemoStarter({
  name: 'koa-metered',
  start: START,
  lastLine: /^curl .+\n/m,
})

export const { createDataDir, runDemo, startDemo } = DEMO
