import { freezeJson, type StoredToken } from '@hallpass/core'

type Changing = 'name' | 'expiresAt' | 'credits' | 'lastUsedAt' | 'revokedAt'
type Times = 'createdAt' | 'notBefore' | 'signedExpiresAt'

/** What can never change of a token once it is stored, and the row it was found in. */
export interface LastingPart extends Omit<StoredToken, Changing | Times> {
  /** Where to look first. Another token may be there by now, or none. */
  readonly rowid: number
  // Milliseconds: every answer gets dates of its own, and a number is read faster than a date.
  readonly createdAt: number
  readonly notBefore: number | null
  readonly signedExpiresAt: number | null
}

export interface TokenCache {
  get(project: string, id: string): LastingPart | undefined
  set(part: LastingPart): void
}

/** Entries of a generation; there are two, so that what is in use stays and nothing has to be sorted. */
const GENERATION = 10_000

/**
 * Decoded lasting parts. Found by id alone, since no two tokens share one; if two projects had the same they would take
 * turns. Whether a token may be used, or is there at all, is never in here.
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
    get(project, id) {
      let found = young.get(id)
      if (found === undefined) {
        found = old.get(id)
        if (found !== undefined) add(found)
      }
      return found?.project === project ? found : undefined
    },
    set(part) {
      freeze(part)
      add(part)
    },
  }
}

/** Every answer shares the lists and claims, so that nobody may change them. */
function freeze(part: LastingPart): void {
  for (const shared of [part.ip, part.paths, part.scope, part.httpMethods, part.claims]) freezeJson(shared)
}
