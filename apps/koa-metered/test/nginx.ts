import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createProgramCheck, findFreePort } from '@hallpass/testing'
import { APP_FOLDER } from './demo-process.ts'

/** An nginx with the configuration of the app's folder, on ports of the test. */
export interface Nginx {
  readonly origin: string
  /** What is in its access log so far. */
  readLog(): string
  stop(): Promise<void>
}

/** Whether nginx can be started here. @throws Error under CI when it cannot */
export const hasNginx: () => boolean = createProgramCheck({
  command: 'nginx',
  versionFlag: '-v',
  aptPackage: 'nginx-light',
  service: 'nginx',
  neededBy: 'koa-metered behind nginx',
})

/** @param ports of the two processes */
export async function startNginx(ports: readonly [string, string]): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'koa-metered-nginx-'))
  // Its workers are another user where it is started as root.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'logs'))
  const port = await findFreePort()
  const configuration = readFileSync(join(APP_FOLDER, 'nginx.conf'), 'utf8')
    .replace('127.0.0.1:3001', `127.0.0.1:${ports[0]}`)
    .replace('127.0.0.1:3002', `127.0.0.1:${ports[1]}`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration)
  const child = spawn('nginx', ['-p', folder, '-c', file, '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
  })
  const ended = once(child, 'close')
  for (const deadline = performance.now() + 10_000; !(await answers(port)); await delay(10)) {
    if (child.exitCode === null && performance.now() < deadline) continue
    child.kill('SIGKILL')
    throw new Error(`nginx did not start: ${said}`)
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    readLog: () => readFileSync(join(folder, 'logs', 'access.log'), 'utf8'),
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
