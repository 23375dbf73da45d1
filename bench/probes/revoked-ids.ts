import { createTokenService } from '@hallpass/core'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { readMemory, timeCollections } from '../harness/memory.ts'
import { readInput, tell } from '../harness/probe.ts'
import { createBenchKey, ISSUER } from '../verify/keys.ts'
import { signToken } from '../verify/signed-tokens.ts'
import { assertDenies, createHallpassVerify } from '../verify/verifiers.ts'

export interface RevokedIds {
  /** From before the store was opened to after the feed was loaded. */
  readonly rssBytes: number
  readonly heapBytes: number
  /** The same after the authorizations. */
  readonly workedRssBytes: number
  readonly loadMs: number
  readonly collectionMs: number
  readonly authorizeMicros: number
}

const AUTHORIZATIONS = 200_000

// A service in bounded mode over a store that holds revoked ids.
const { path } = readInput<{ readonly path: string }>()
const key = createBenchKey('EdDSA')
const good = Buffer.from(signToken(key))

const before = await readMemory()
const store = await createSqliteStore(path)
const start = performance.now()
const service = await createTokenService({
  issuer: ISSUER,
  store,
  keys: { jwks: [key.given] },
  revocation: { mode: 'bounded', maxStalenessMs: 3_600_000 },
  maintenance: false,
})
const loadMs = performance.now() - start
const after = await readMemory()
const collectionMs = timeCollections()

const verify = createHallpassVerify(service, key)
authorizeAll(20_000)
const cpu = process.cpuUsage()
authorizeAll(AUTHORIZATIONS)
const { user, system } = process.cpuUsage(cpu)
const worked = await readMemory()

const [entry] = (await store.revokedSince(null, 1)).entries
const revoked = entry === undefined ? null : signToken(key, entry.id)
await assertDenies('hallpass bounded', service, key, good.toString('latin1'), revoked)

const found: RevokedIds = {
  rssBytes: after.rssBytes - before.rssBytes,
  heapBytes: after.heapBytes - before.heapBytes,
  workedRssBytes: worked.rssBytes - before.rssBytes,
  loadMs,
  collectionMs,
  authorizeMicros: (user + system) / AUTHORIZATIONS,
}
await service.close()
tell(found)

function authorizeAll(count: number): void {
  for (let done = 0; done < count; done += 1) {
    if (verify(good.toString('latin1')) !== true) throw new Error('a good token was refused')
  }
}
