import { setTimeout as delay } from 'node:timers/promises'
import { createTokenService } from '@hallpass/core'
import { createPostgresStore } from '@hallpass/store-postgres'
import pg from 'pg'
import { REQUEST } from '../load.ts'
import { MASTER_SECRET } from '../service-commands.ts'

const CLIENTS = 64
const LIMIT = 1000

export interface ExhaustedPool {
  readonly requests: number
  /** Answered `store_unavailable`, which is 503. */
  readonly unavailable: number
  readonly allowed: number
  /** Credits charged for requests that were refused. */
  readonly charged: number
  readonly recoveryMs: number
}

/** All connections of a pool are in somebody else's hands, then come back. */
export async function runExhaustedPool(url: string, schema: string): Promise<ExhaustedPool> {
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  const store = await createPostgresStore(pool, { schema })
  const service = await createTokenService({
    issuer: 'https://faults.example',
    store,
    keys: { masterSecret: MASTER_SECRET },
    storeTimeoutMs: 500,
    maintenance: false,
    hooks: { onError: () => {} },
  })
  try {
    const { token, record } = await service.issue({ credits: LIMIT })
    const ask = () => service.authorize(token, { ...REQUEST, cost: 1 })
    const held = await Promise.all(Array.from({ length: 4 }, () => pool.connect()))
    const decisions = await Promise.all(Array.from({ length: CLIENTS }, ask))
    for (const client of held) client.release()
    const releasedAt = performance.now()
    while (!(await ask()).allowed) await delay(1)
    const recoveryMs = performance.now() - releasedAt
    const remaining = (await service.get('default', record.id))?.credits?.remaining ?? 0
    return {
      requests: CLIENTS,
      unavailable: decisions.filter((answer) => !answer.allowed && answer.code === 'store_unavailable')
        .length,
      allowed: decisions.filter(({ allowed }) => allowed).length,
      charged: LIMIT - remaining - 1,
      recoveryMs,
    }
  } finally {
    await service.close()
    await pool.end()
  }
}
