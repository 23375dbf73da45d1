import { createPrivateKey, createSecretKey } from 'node:crypto'
import type { JWK } from 'jose'
import type { JsonObject, StoredKey, TokenStore } from '../src/index.ts'
import { createKeySeal } from '../src/key-seal.ts'
import { ALGORITHMS } from '../src/profile.ts'
import { createSigner } from '../src/signature.ts'
import { SECRET } from './start-service.ts'

/** Signs whatever it is told to with a real key of a ring. */
export interface Forger {
  readonly kid: string
  readonly jwk: JWK
  /** A good header of this key's tokens. */
  readonly header: JsonObject
  /** The compact token of a header and a payload; texts are taken as they are. */
  forge(payload: JsonObject | string, header?: JsonObject | string): string
}

/** The forger with the newest key of a (project, profile), taken out of the store with the master secret. */
export async function createForger(
  store: TokenStore,
  project = 'default',
  profile = 'native',
): Promise<Forger> {
  const stored = (await store.keys())
    .filter((key) => key.project === project && key.profile === profile)
    .sort((a, b) => a.version - b.version)
    .at(-1)
  if (stored === undefined) throw new Error('the ring has no such key')
  return toForger(stored, (await createKeySeal(SECRET).open(stored)).jwk)
}

function toForger({ id, algorithm, profile }: StoredKey, jwk: JWK): Forger {
  const known = ALGORITHMS.find((name) => name === algorithm)
  if (known === undefined) throw new Error('the key is for no algorithm')
  const material =
    jwk.kty === 'oct'
      ? createSecretKey(Buffer.from(jwk.k ?? '', 'base64url'))
      : createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  const sign = createSigner(material, known)
  const header: JsonObject = { alg: algorithm, ...(profile === 'native' && { typ: 'at+jwt' }), kid: id }
  return {
    kid: id,
    jwk,
    header,
    forge(payload, ownHeader = header) {
      const input = `${toSegment(ownHeader)}.${toSegment(payload)}`
      return `${input}.${sign(input)}`
    },
  }
}

/** JSON as a segment of a compact token. */
export function toSegment(value: JsonObject | string): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** The payload of a token, as it was signed. */
export function readPayload(token: string): Record<string, JsonObject[string]> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

/** The header of a token. */
export function readHeader(token: string): Record<string, JsonObject[string]> {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
}
