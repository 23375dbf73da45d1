import type { ListFilter, TokenStore } from '@hallpass/core'
import { isStorable } from '@hallpass/core'
import { type Connection, checkPrimary, STANDBY } from './connection.ts'
import type { Tables } from './tables.ts'
import { TOKEN_COLUMNS, type TokenRow, toStoredToken } from './token-rows.ts'

const FACETS = ['subject', 'application', 'name'] as const

/** The statement of a list and its values; the last of them is the limit. */
export function toListQuery(
  tables: Tables,
  filter: ListFilter,
  after: string | null,
  limit: number,
): { readonly text: string; readonly values: readonly (string | number)[] } {
  const values: (string | number)[] = [filter.project]
  let where = 'project = $1'
  for (const facet of FACETS) {
    const value = filter[facet]
    if (value !== undefined) where += ` AND ${facet} = $${values.push(value)}`
  }
  if (after !== null) where += ` AND id < $${values.push(after)}`
  const text = `SELECT ${TOKEN_COLUMNS} FROM ${tables.tokens} WHERE ${where} ORDER BY id DESC LIMIT $${values.push(limit)}`
  return { text, values }
}

export function createTokenLookup(connection: Connection, tables: Tables): Pick<TokenStore, 'find' | 'list'> {
  const findById = `SELECT ${TOKEN_COLUMNS}, ${STANDBY} FROM ${tables.tokens} WHERE project = $1 AND id = $2`

  return {
    async find(project, id) {
      if (!isStorable(project, id)) return null
      const [row] = await connection.read<TokenRow & { readonly standby: string }>(findById, [project, id])
      checkPrimary(row)
      return row === undefined ? null : toStoredToken(row)
    },

    async list(filter, after, limit) {
      if (!isStorable(filter.project, filter.name, filter.subject, filter.application, after)) return []
      const { text, values } = toListQuery(tables, filter, after, limit)
      return (await connection.read<TokenRow>(text, values)).map(toStoredToken)
    },
  }
}
