import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDemoStarter, type DemoStarter } from '@hallpass/testing'

export const APP_FOLDER: string = fileURLToPath(new URL('..', import.meta.url))

/** The app from source. */
export const START: readonly string[] = ['--conditions=@hallpass/source', join(APP_FOLDER, 'start.js')]

export const DEMO: DemoStarter = createDemoStarter({
  name: 'express-files',
  start: START,
  lastLine: /^http\S+\?token=\S+\n/m,
})

export const { createDataDir, runDemo, shareDemo, startDemo } = DEMO
