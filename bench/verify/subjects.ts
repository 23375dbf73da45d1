import type { GivenKey } from '@hallpass/core'
import type { BenchAlgorithm } from './keys.ts'

export const STRING_ONLY = 'the string only'
export const BOUNDED = 'hallpass bounded, nothing revoked'
export const BOUNDED_REVOKED = 'hallpass bounded, 100,000 revoked'
export const STRICT = 'hallpass strict, SQLite'
export const STRICT_EXCLUSIVE = 'hallpass strict, SQLite, exclusive'
export const BARE = 'node:crypto, signature only'
export const FAST_JWT_CACHE = 'fast-jwt, its cache'
export const FAST_JWT = 'fast-jwt'
export const JOSE = 'jose'
export const JSONWEBTOKEN = 'jsonwebtoken'

/** Who is measured, as the tables call it. */
export type SubjectName =
  | typeof STRING_ONLY
  | typeof BOUNDED
  | typeof BOUNDED_REVOKED
  | typeof STRICT
  | typeof STRICT_EXCLUSIVE
  | typeof BARE
  | typeof FAST_JWT_CACHE
  | typeof FAST_JWT
  | typeof JOSE
  | typeof JSONWEBTOKEN

/** What a process of `servers/verifier.ts` needs to be one subject. */
export interface VerifierSetup {
  readonly subject: SubjectName
  readonly algorithm: BenchAlgorithm
  /** The key whole: each process signs the tokens of its own checks. */
  readonly jwk: GivenKey['jwk']
  /** How many tokens it is to hold: what a cache is given room for. */
  readonly tokens: number
  /** The SQLite file that holds them, for the subject that looks there; null = for the others. */
  readonly file: string | null
}

/** A piece of a slice: the tokens that the process holds, again and again, or tokens that it has not seen, each once. */
export type Piece =
  | { readonly kind: 'again'; readonly ms: number }
  | { readonly kind: 'once'; readonly texts: readonly string[] }
