import {
  createMemoryStore,
  createTokenService,
  type RevocationEntry,
  type TokenService,
  type TokenStore,
} from '@hallpass/core'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { measureSlice, type SliceCost } from '../harness/in-process.ts'
import { serve } from '../harness/serve.ts'
import { createUuidV7 } from '../harness/uuid.ts'
import { type BenchKey, ISSUER, openBenchKey } from '../verify/keys.ts'
import { LIMITS } from '../verify/signed-tokens.ts'
import { verifyAgain, verifyOnce } from '../verify/slices.ts'
import {
  BARE,
  BOUNDED,
  BOUNDED_REVOKED,
  FAST_JWT,
  FAST_JWT_CACHE,
  JOSE,
  JSONWEBTOKEN,
  type Piece,
  STRICT,
  STRICT_EXCLUSIVE,
  STRING_ONLY,
  type VerifierSetup,
} from '../verify/subjects.ts'
import {
  assertDenies,
  assertVerifies,
  createBareVerify,
  createFastJwtVerify,
  createHallpassVerify,
  createJoseVerify,
  createJsonwebtokenVerify,
  type Verify,
} from '../verify/verifiers.ts'

const REVOKED = 100_000
/** What fast-jwt's cache has room for when it is not told. */
const FAST_JWT_CACHE_SIZE = 1000

// One subject of `verify`, alone in its process as an application has one service: what it calls and what it leaves
// behind is its own.
await serve<VerifierSetup>(async (setup) => {
  const { subject } = setup
  const key = openBenchKey(setup.algorithm, setup.jwk)
  const service = await openService(setup, key)
  const verify = service === null ? await createVerify(setup, key) : createHallpassVerify(service, key)
  let tokens: readonly Buffer[] = []

  /** Takes the tokens that come again, once it has shown that it tells good from bad. */
  async function hold(texts: readonly string[]): Promise<void> {
    const [good = ''] = texts
    if (subject !== STRING_ONLY) await assertVerifies(subject, verify, good)
    if (service !== null) {
      const revoked = subject === BOUNDED ? null : await revokeOne(service, verify)
      await assertDenies(subject, service, key, good, revoked)
    }
    tokens = texts.map((text) => Buffer.from(text))
    // Once around, so that no slice is too short to have seen all of them before.
    for (const token of tokens) await verify(token.toString('latin1'))
  }

  async function takePiece(piece: Piece): Promise<SliceCost> {
    const slice = piece.kind === 'again' ? () => verifyAgain(tokens, piece.ms, verify) : takeOnce(piece.texts)
    const cost = await measureSlice({ name: subject, slice })
    // Written now, and not while another is measured.
    await service?.usage({ project: 'none' })
    return cost
  }

  function takeOnce(texts: readonly string[]): () => Promise<number> {
    // Flat strings that nothing has hashed yet.
    const fresh = texts.map((text) => Buffer.from(text).toString('latin1'))
    return () => verifyOnce(fresh, verify)
  }

  return {
    commands: {
      hold: (texts) => hold(texts as readonly string[]),
      piece: (piece) => takePiece(piece as Piece),
    },
    ...(service !== null && { close: () => service.close() }),
  }
})

/** Null = the subject is another. */
async function openService({ subject, file }: VerifierSetup, key: BenchKey): Promise<TokenService | null> {
  const strict = subject === STRICT || subject === STRICT_EXCLUSIVE
  if (subject !== BOUNDED && subject !== BOUNDED_REVOKED && !strict) return null
  const exclusive = subject === STRICT_EXCLUSIVE
  const store = file === null ? createMemoryStore() : await createSqliteStore(file, { exclusive })
  if (subject === BOUNDED_REVOKED) await importRevocations(store)
  return createTokenService({
    issuer: ISSUER,
    store,
    keys: { jwks: [key.given] },
    revocation: strict ? { mode: 'strict' } : { mode: 'bounded', maxStalenessMs: 60_000 },
    maintenance: false,
  })
}

/** Peers are loaded only where they are what is measured. */
function createVerify({ subject, tokens }: VerifierSetup, key: BenchKey): Verify | Promise<Verify> {
  switch (subject) {
    case STRING_ONLY:
      return (text) => text.length > 0
    case BARE:
      return createBareVerify(key)
    case FAST_JWT_CACHE:
      // With more in rotation than it has room for, it would find none.
      return createFastJwtVerify(key, tokens > FAST_JWT_CACHE_SIZE ? 2 * tokens : true)
    case FAST_JWT:
      return createFastJwtVerify(key, false)
    case JOSE:
      return createJoseVerify(key)
    case JSONWEBTOKEN:
      return createJsonwebtokenVerify(key)
    default:
      throw new Error(`${subject} is not one of the others`)
  }
}

/** Ids of other tokens of the same project that have been revoked and have not expired. */
async function importRevocations(store: TokenStore): Promise<void> {
  const refusedFrom = new Date()
  const signedExpiresAt = new Date(refusedFrom.getTime() + 3_600_000)
  const entries = Array.from({ length: REVOKED }, (): RevocationEntry => {
    return { project: 'default', id: createUuidV7(), reason: 'revoked', refusedFrom, signedExpiresAt }
  })
  await store.importRevocations(entries)
}

/** A token that was accepted and then revoked. */
async function revokeOne(service: TokenService, verify: Verify): Promise<string> {
  const { token, record } = await service.issue(LIMITS)
  await assertVerifies('hallpass', verify, token)
  await service.revoke(record.project, record.id)
  return token
}
