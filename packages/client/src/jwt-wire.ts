import type { BothSpellings } from './both-spellings.ts'

// What travels over `/jwt`, as JSON has it. The same types as the server's in `@hallpass/dialects`; a test holds the
// two together.

export interface CreateProjectTokenRequest {
  /** 1 to 255 characters. */
  readonly name: string
  /** Life in seconds. */
  readonly expiry?: number
}

/** One of `email` and `externalId` is needed. */
export interface CreateUserTokenRequest {
  readonly email?: string
  readonly externalId?: string
  /** The same as `externalId`, as JSON has it. */
  readonly external_id?: string
  readonly name?: string
  /** Life in seconds. */
  readonly expiry?: number
}

export interface AccessTokenJson {
  readonly token: string
  readonly token_id: string
  readonly created_at: string
  readonly expires_at?: string
}

export interface TokenMetadataJson {
  readonly id: string
  readonly name?: string
  readonly created_at: string
  readonly expires_at?: string
}

export interface TokenListJson {
  readonly tokens: readonly TokenMetadataJson[]
  readonly data: readonly TokenMetadataJson[]
  readonly links: { readonly first: string; readonly next?: string; readonly prev?: string }
}

export interface DiscardedTokenJson {
  readonly token_id: string
  readonly discarded_at: string
}

/** A token that was created: the only time that its text is shown. */
export type AccessToken = BothSpellings<AccessTokenJson>
export type TokenMetadata = BothSpellings<TokenMetadataJson>
/** `tokens` and `data` are the same. */
export type TokenList = BothSpellings<TokenListJson>
export type DiscardedToken = BothSpellings<DiscardedTokenJson>

/** What a call answers. */
export interface JwtResponse<T> {
  readonly data: T
}
