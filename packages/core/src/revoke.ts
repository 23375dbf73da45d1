import type { SafeHooks } from './hooks.ts'
import { assertInput } from './known-members.ts'
import { parseLabel } from './label.ts'
import { parsePlace } from './place.ts'
import type { RevocationFeed } from './revocation-feed.ts'
import type { StoreCall } from './store-call.ts'
import { toTokenRecord } from './token.ts'
import type { TokenService } from './token-service.ts'
import type { TokenStore } from './token-store.ts'

/** Revocation: one token, a subject's, a project's. Holds in this process before it is acknowledged. */
export function createRevoker(context: {
  readonly store: TokenStore
  readonly call: StoreCall
  /** Without a time limit: a project may have a million tokens. */
  readonly longCall: StoreCall
  readonly feed: RevocationFeed | null
  readonly hooks: SafeHooks
  readonly clockToleranceSeconds: number
  readonly now: () => Date
}): Pick<TokenService, 'revoke' | 'revokeAll' | 'revokeProject'> {
  const { store, call, longCall, feed, hooks, clockToleranceSeconds, now } = context

  const revokeMany = async (named: string, subject: string | null): Promise<number> => {
    const project = parseLabel(named, 'project', { max: 128 })
    const at = now()
    // A signed expiry is rounded up to a second and has its tolerance: until then the token is accepted.
    const expiredBy = new Date(Math.floor(at.getTime() / 1000 - clockToleranceSeconds) * 1000)
    const revoked = await longCall(() => store.revokeAll(project, subject, at, expiredBy))
    // What was revoked is in the store's feed; this process reads it before it says that it is done.
    await feed?.catchUp()
    return revoked
  }

  return {
    async revoke(project, id) {
      const place = parsePlace(project, id)
      if (place === null) return null
      const at = now()
      const stored = await call(() => store.revoke(place.project, place.id, at))
      if (stored === null || stored.revokedAt === null) return null
      feed?.add({
        project,
        id,
        reason: 'revoked',
        refusedFrom: stored.revokedAt,
        signedExpiresAt: stored.signedExpiresAt,
      })
      const record = toTokenRecord(stored, at)
      if (stored.revokedAt.getTime() === at.getTime()) hooks.onRevoke?.(record)
      return record
    },
    async revokeAll(whose) {
      assertInput(whose, { project: true, subject: true }, 'revokeAll')
      return revokeMany(whose.project, parseLabel(whose.subject, 'subject', { max: 256 }))
    },
    revokeProject: async (project) => revokeMany(project, null),
  }
}
