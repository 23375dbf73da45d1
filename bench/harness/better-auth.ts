import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import Database from 'better-sqlite3'

/** What the routes ask of better-auth's api-key plugin. */
export interface ApiKeys {
  /** @returns the answer of `auth.api.createApiKey`, key text included */
  create(input: {
    readonly name: string
    /** Seconds. */
    readonly expiresIn: number
    readonly remaining?: number
  }): Promise<{ readonly key: string }>
  /** @returns whether `auth.api.verifyApiKey` calls it valid; takes one of what remains */
  verify(key: string): Promise<boolean>
}

/**
 * better-auth on a SQLite file that is as durable as ours, with one user. Hashing of keys is on, as by default; rate
 * limits are off, since ours has none.
 */
export async function openBetterAuth(file: string): Promise<ApiKeys> {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  const auth = betterAuth({
    database,
    baseURL: 'http://127.0.0.1',
    secret: 'a secret for the bench that nobody else uses',
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  })
  const { runMigrations } = await getMigrations(auth.options)
  await runMigrations()
  const { internalAdapter } = await auth.$context
  const user = await internalAdapter.createUser(
    { email: 'ada@bench.example', name: 'Ada', emailVerified: true },
    { method: 'bench' },
  )
  const permissions = { files: ['read'] }
  return {
    create: (input) => auth.api.createApiKey({ body: { ...input, userId: user.id, permissions } }),
    async verify(key) {
      const { valid } = await auth.api.verifyApiKey({ body: { key, permissions } })
      return valid
    },
  }
}
