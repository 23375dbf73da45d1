import type { StoredToken } from '@hallpass/core'

/** What can never change of a token once it is stored; its text is bound to it by the hash. */
export type LastingPart = Omit<StoredToken, 'name' | 'expiresAt' | 'credits' | 'lastUsedAt' | 'revokedAt'>

export interface TokenCache {
  get(tokenSha256: string): LastingPart | undefined
  set(token: StoredToken): void
}

/** Entries of a generation; there are two, so that what is in use stays and nothing has to be sorted. */
const GENERATION = 10_000

/** Decoded lasting parts by the token's hash. Whether a token may be used is never in here. */
export function createTokenCache(): TokenCache {
  let young = new Map<string, LastingPart>()
  let old = new Map<string, LastingPart>()

  function add(part: LastingPart): void {
    if (young.size >= GENERATION) {
      old = young
      young = new Map()
    }
    young.set(part.tokenSha256, part)
  }

  return {
    get(tokenSha256) {
      const found = young.get(tokenSha256)
      if (found !== undefined) return found
      const older = old.get(tokenSha256)
      if (older !== undefined) add(older)
      return older
    },
    set: (token) => add(freeze(token)),
  }
}

/** Every answer shares the lists and claims, so that nobody may change them. */
function freeze(token: StoredToken): LastingPart {
  Object.freeze(token.ip)
  Object.freeze(token.paths)
  Object.freeze(token.scope)
  Object.freeze(token.httpMethods)
  freezeAll(token.claims)
  return token
}

function freezeAll(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const inner of Object.values(value)) freezeAll(inner)
  Object.freeze(value)
}
