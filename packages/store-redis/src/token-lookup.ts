import type { StoredToken, TokenStore } from '@hallpass/core'
import { isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { FIND, LIST } from './lua/token-lookup.ts'
import { type TokenValues, toStoredToken } from './token-fields.ts'

const FACETS = ['name', 'subject', 'application'] as const
/** Tokens answered, and ids looked at, in one step of a list, between which everything else gets its turn. */
const STEP = 100
const LOOKS = 1000

type ListAnswer = readonly [from: string, ...tokens: (readonly [id: string, values: TokenValues])[]]

export function createTokenLookup(connection: Connection): Pick<TokenStore, 'find' | 'list'> {
  return {
    async find(project, id) {
      if (!isStorable(project, id)) return null
      return toStoredToken(project, id, (await connection.run(FIND, [project, id])) as TokenValues)
    },

    async list(filter, after, limit) {
      const { project } = filter
      if (after === '' || !isStorable(project, filter.name, filter.subject, filter.application, after))
        return []
      const facets = FACETS.flatMap((facet) => {
        const value = filter[facet]
        return value === undefined ? [] : [facet, value]
      })
      const page: StoredToken[] = []
      for (let from = after ?? ''; page.length < limit; ) {
        const step = String(Math.min(STEP, limit - page.length))
        const parameters = [project, from, step, String(LOOKS), ...facets]
        const [next, ...tokens] = (await connection.run(LIST, parameters)) as ListAnswer
        for (const [id, values] of tokens) {
          const token = toStoredToken(project, id, values)
          if (token !== null) page.push(token)
        }
        if (next === '') break
        from = next
      }
      return page
    },
  }
}
