import type { TokenRecord } from '@hallpass/core'
import type { TokenRecordJson } from './wire.ts'

/**
 * A record as it travels. Left to JSON.stringify, a date costs twice what its text does: it is asked for its own form
 * first. Written out, since a list makes hundreds.
 */
export function toRecordJson(record: TokenRecord): TokenRecordJson {
  return {
    id: record.id,
    project: record.project,
    subject: record.subject,
    name: record.name,
    application: record.application,
    profile: record.profile,
    createdAt: record.createdAt.toISOString(),
    notBefore: toText(record.notBefore),
    expiresAt: toText(record.expiresAt),
    ip: record.ip,
    paths: record.paths,
    scope: record.scope,
    httpMethods: record.httpMethods,
    credits: record.credits,
    pool: record.pool,
    claims: record.claims,
    tokenSha256: record.tokenSha256,
    createdBy: record.createdBy,
    lastUsedAt: toText(record.lastUsedAt),
    revokedAt: toText(record.revokedAt),
    status: record.status,
    remainingSeconds: record.remainingSeconds,
  }
}

function toText(date: Date | null): string | null {
  return date === null ? null : date.toISOString()
}
