import { isPromise, type TokenService } from '@hallpass/core'
import type { BenchAlgorithm, BenchKey } from './keys.ts'
import { ISSUER } from './keys.ts'
import { BAD_REQUESTS, GOOD_REQUEST, spoil } from './signed-tokens.ts'

/** Whether a text is accepted; it may also throw for one that is not. */
export type Verify = (text: string) => boolean | Promise<boolean>

/** Signature, type, issuer, audience, times, address, path, method, scope and revocation. */
export function createHallpassVerify(service: TokenService, key: BenchKey): Verify {
  const profiles = [key.profile]
  return (text) => {
    // A request of its own each time, as the guards make it.
    const { address, target, method, scope } = GOOD_REQUEST
    const decision = service.authorize(text, { address, target, method, scope, profiles })
    return isPromise(decision) ? decision.then(({ allowed }) => allowed) : decision.allowed
  }
}

/** The signature, and no look at anything else. */
export function createBareVerify(key: BenchKey): Verify {
  return (text) => {
    const end = text.lastIndexOf('.')
    return key.verify(text.slice(0, end), Buffer.from(text.slice(end + 1), 'base64url'))
  }
}

/** Signature, issuer, audience and times. @param cache how many tokens it may remember; false = none */
export async function createFastJwtVerify(key: BenchKey, cache: number | boolean): Promise<Verify> {
  const { createVerifier } = await import('fast-jwt')
  const { verificationKey: material, algorithm } = key
  const bytes =
    material.type === 'secret' ? material.export() : material.export({ format: 'pem', type: 'spki' })
  const verify = createVerifier({
    key: bytes,
    algorithms: [algorithm],
    allowedIss: ISSUER,
    allowedAud: ISSUER,
    cache,
  })
  return (text) => verify(text) !== null
}

/** Signature, issuer, audience and times. */
export async function createJoseVerify(key: BenchKey): Promise<Verify> {
  const { jwtVerify } = await import('jose')
  const options = { algorithms: [key.algorithm], issuer: ISSUER, audience: ISSUER }
  const { verificationKey } = key
  return (text) => jwtVerify(text, verificationKey, options).then(({ payload }) => payload.sub !== undefined)
}

/** Signature, issuer, audience and times. */
export async function createJsonwebtokenVerify(key: BenchKey): Promise<Verify> {
  const { default: jsonwebtoken } = await import('jsonwebtoken')
  const options = { algorithms: [key.algorithm], issuer: ISSUER, audience: ISSUER }
  const { verificationKey } = key
  return (text) => typeof jsonwebtoken.verify(text, verificationKey, options) === 'object'
}

/** jsonwebtoken 9 knows no EdDSA. */
export function knowsJsonwebtoken(algorithm: BenchAlgorithm): boolean {
  return algorithm !== 'EdDSA'
}

/** @throws unless it accepts a good token and refuses the same with another signature */
export async function assertVerifies(name: string, verify: Verify, good: string): Promise<void> {
  if (!(await verify(good))) throw new Error(`${name} refuses a good token`)
  const accepted = await (async () => verify(spoil(good)))().catch(() => false)
  if (accepted) throw new Error(`${name} accepts a bad signature`)
}

/**
 * @param good the text of a token that is good, and has been accepted before
 * @param revoked the same of one that was revoked after it had been accepted; null = there is none
 * @throws unless each kind of bad request gets its own denial
 */
export async function assertDenies(
  name: string,
  service: TokenService,
  key: BenchKey,
  good: string,
  revoked: string | null,
): Promise<void> {
  const profiles = [key.profile]
  const answers: [expected: string, got: string][] = []
  const ask = async (text: string, expected: string, request: object): Promise<void> => {
    const decision = await service.authorize(text, { ...GOOD_REQUEST, ...request, profiles })
    answers.push([expected, decision.allowed ? 'allowed' : decision.code])
  }
  for (const [denial, request] of BAD_REQUESTS) await ask(good, denial, request)
  if (revoked !== null) await ask(revoked, 'token_revoked', {})
  for (const [expected, got] of answers) {
    if (got !== expected) throw new Error(`${name} should answer ${expected} and answers ${got}`)
  }
}
