import { freezeJson, type StoredToken } from '@hallpass/core'

/** What can never change of a token once it is stored; its text is bound to it by the hash. */
export type LastingPart = Omit<StoredToken, 'name' | 'expiresAt' | 'credits' | 'lastUsedAt' | 'revokedAt'>

export interface TokenCache {
  /** @param tokenSha256 as the row says it now: another text under this id is another token */
  get(project: string, id: string, tokenSha256: string): LastingPart | undefined
  set(token: StoredToken): void
}

/** Entries of a generation; there are two, so that what is in use stays and nothing has to be sorted. */
const GENERATION = 10_000

/**
 * Decoded lasting parts. Found by id alone, since no two tokens share one; if two projects had the same they would take
 * turns. Whether a token may be used is never in here.
 */
export function createTokenCache(): TokenCache {
  let young = new Map<string, LastingPart>()
  let old = new Map<string, LastingPart>()

  function add(part: LastingPart): void {
    if (young.size >= GENERATION) {
      old = young
      young = new Map()
    }
    young.set(part.id, part)
  }

  return {
    get(project, id, tokenSha256) {
      let found = young.get(id)
      if (found === undefined) {
        found = old.get(id)
        if (found !== undefined) add(found)
      }
      return found?.project === project && found.tokenSha256 === tokenSha256 ? found : undefined
    },
    set: (token) => add(freeze(token)),
  }
}

/** Every answer shares the lists and claims, so that nobody may change them. */
function freeze(token: StoredToken): LastingPart {
  for (const shared of [token.ip, token.paths, token.scope, token.httpMethods, token.claims])
    freezeJson(shared)
  return token
}
