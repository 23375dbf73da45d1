import { freezeJson } from './freeze-json.ts'
import type { StoredToken } from './token.ts'

/** A copy to keep: its lists and claims are frozen, so that `copyOut` may share them. */
export function copyIn(token: StoredToken): StoredToken {
  return {
    ...copyOut(token),
    ip: Object.freeze([...token.ip]),
    paths: token.paths === null ? null : Object.freeze([...token.paths]),
    scope: Object.freeze([...token.scope]),
    httpMethods: token.httpMethods === null ? null : Object.freeze([...token.httpMethods]),
    claims: freezeJson(structuredClone(token.claims)),
  }
}

/** A copy to hand out, with dates of its own: a caller who sets one must not move the stored time. */
export function copyOut(token: StoredToken): StoredToken {
  return {
    ...token,
    createdAt: new Date(token.createdAt),
    notBefore: copyDate(token.notBefore),
    expiresAt: copyDate(token.expiresAt),
    signedExpiresAt: copyDate(token.signedExpiresAt),
    credits: token.credits === null ? null : { ...token.credits },
    lastUsedAt: copyDate(token.lastUsedAt),
    revokedAt: copyDate(token.revokedAt),
  }
}

function copyDate(date: Date | null): Date | null {
  return date === null ? null : new Date(date)
}
