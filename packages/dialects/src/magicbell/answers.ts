import type { IssuedToken, TokenRecord } from '@hallpass/core'
import type { AccessTokenJson, DiscardedTokenJson, TokenMetadataJson } from './wire.ts'

/** What a caller gets of a token that was issued for it. */
export function toAccessToken({ token, record }: IssuedToken): AccessTokenJson {
  return { token, token_id: record.id, ...toTimes(record) }
}

/** A token in a list. */
export function toTokenMetadata(record: TokenRecord): TokenMetadataJson {
  return { id: record.id, ...(record.name !== null && { name: record.name }), ...toTimes(record) }
}

/** A token that was discarded; the first time counts. */
export function toDiscardedToken({ id }: TokenRecord, revokedAt: Date): DiscardedTokenJson {
  return { token_id: id, discarded_at: revokedAt.toISOString() }
}

function toTimes({
  createdAt,
  expiresAt,
}: TokenRecord): Pick<TokenMetadataJson, 'created_at' | 'expires_at'> {
  return {
    created_at: createdAt.toISOString(),
    ...(expiresAt !== null && { expires_at: expiresAt.toISOString() }),
  }
}
