import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DemoStarter, Ended } from './demo-process.ts'

export interface DemoRules {
  /** Settings that cannot be: their name and value. The app says what the value must be, and does not repeat it. */
  readonly wrong: readonly (readonly [name: string, value: string])[]
  /** All that Node may be started with, each a way to start the app. */
  readonly starts: readonly (readonly string[])[]
}

/** How every demo starts and ends, whatever it serves. Call it at the top level of a test file. */
export function describeDemo(demo: DemoStarter, { wrong, starts }: DemoRules): void {
  const { app, createDataDir, runDemo, startDemo } = demo

  describe('what keeps it from starting is one line', () => {
    it('a data folder that is no folder', async () => {
      const file = join(createDataDir(), 'file')
      writeFileSync(file, '')
      for (const DATA_DIR of [file, join(file, 'below')]) {
        const { code, stderr } = await runDemo({ DATA_DIR })
        expect(code).toBe(1)
        expect(stderr).toMatch(/^DATA_DIR .+ cannot be used \(E\w+\): .+\n$/)
      }
    })

    it('a port that is taken', async () => {
      const other = createServer()
      await new Promise<void>((resolve) => other.listen(0, resolve))
      onTestFinished(() => void other.close())
      const PORT = String((other.address() as AddressInfo).port)
      const { code, stderr } = await runDemo({ DATA_DIR: createDataDir(), PORT })
      expect([code, stderr]).toEqual([1, `PORT ${PORT} is in use: set PORT to another one.\n`])
    })

    it.each(wrong)('%s that cannot be', async (name, value) => {
      const { code, stdout, stderr } = await runDemo({ DATA_DIR: createDataDir(), [name]: value })
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(new RegExp(`^${name} must .+\\n$`))
      expect(stderr).not.toContain(value)
    })

    it('a Node that is too old, before anything else is imported', async () => {
      const pretend = join(createDataDir(), 'pretend.cjs')
      writeFileSync(pretend, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })")
      const stderr = `${app.name} needs Node 22.14 or newer, and this is Node 20.20.2.\n`
      for (const start of starts) {
        expect(await run(['--require', pretend, ...start])).toEqual({ code: 1, stdout: '', stderr })
      }
    })
  })

  describe('the end', () => {
    it('comes with exit code 0 on SIGTERM and SIGINT, also while a client keeps its connection', async () => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const running = await startDemo({ DATA_DIR: createDataDir() })
        // fetch keeps the connection.
        await (await fetch(running.origin)).text()
        const { code, ms } = await running.stop(signal)
        expect(code).toBe(0)
        expect(ms).toBeLessThan(10_000)
      }
    })
  })
}

/** Node without any environment, and all that it says. */
function run(parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, parameters, { env: {} }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}
