import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDemoStarter, type DemoStarter } from '@hallpass/testing'

export const APP_FOLDER: string = fileURLToPath(new URL('..', import.meta.url))

export const DEMO: DemoStarter = createDemoStarter({
  name: 'koa-metered',
  start: ['--conditions=@hallpass/source', join(APP_FOLDER, 'start.js')],
  lastLine: /^curl .+\n/m,
})

export const { createDataDir, runDemo, startDemo } = DEMO
