import type { ListFilter, TokenStore } from '@hallpass/core'
import { isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { CHANGING_COLUMNS, type ChangingValues, joinToken, LastingPart } from './lasting-part.ts'
import { prepareRows, type RowQuery } from './row-values.ts'
import type { SqliteValue } from './sqlite-database.ts'
import { TOKEN_COLUMNS, type TokenValues, toStoredToken } from './token-rows.ts'

/** The fields a list may filter by, the most selective first: its index is the one that is walked. */
const FACETS = ['name', 'subject', 'application'] as const

/**
 * The statement of a list. It names its index: without statistics the planner may walk all tokens of the project
 * for a filter that few of them pass.
 */
export function toListSql(filter: ListFilter, hasAfter: boolean): string {
  const facets = FACETS.filter((facet) => filter[facet] !== undefined)
  return `SELECT ${TOKEN_COLUMNS} FROM hallpass_tokens INDEXED BY hallpass_tokens_by_${facets[0] ?? 'id'}
    WHERE project = ?${facets.map((facet) => ` AND ${facet} = ?`).join('')}${hasAfter ? ' AND id < ?' : ''}
    ORDER BY id DESC LIMIT ?`
}

export function createTokenLookup(connection: Connection): Pick<TokenStore, 'find' | 'list'> {
  // A guard asks on every request: what lasts of a token is left in its hint, and from then on what may change is read where
  // the row was. A rowid alone says nothing, for another token may have it by now: the row says whose it is.
  const findChanging = prepareRows(
    connection,
    `SELECT ${CHANGING_COLUMNS} FROM hallpass_tokens WHERE rowid = ?`,
  )
  const findWhole = prepareRows(
    connection,
    `SELECT ${TOKEN_COLUMNS}, rowid FROM hallpass_tokens WHERE project = ? AND id = ?`,
  )
  const lists = new Map<string, RowQuery>()

  function prepareList(filter: ListFilter, hasAfter: boolean): RowQuery {
    const sql = toListSql(filter, hasAfter)
    let statement = lists.get(sql)
    if (statement === undefined) {
      statement = prepareRows(connection, sql)
      lists.set(sql, statement)
    }
    return statement
  }

  return {
    find: (project, id, hint) =>
      connection.read(() => {
        const lasting = hint?.hint
        if (lasting instanceof LastingPart && lasting.owner === connection) {
          const row = findChanging.get(lasting.rowid) as ChangingValues | undefined
          const token = row === undefined ? null : joinToken(project, id, lasting, row)
          if (token !== null) return token
        }
        if (!isStorable(project, id)) return null
        const row = findWhole.get(project, id) as [...TokenValues, rowid: number] | undefined
        if (row === undefined) return null
        const token = toStoredToken(row)
        if (hint != null) hint.hint = new LastingPart(connection, project, id, token, row[23])
        return token
      }),

    list: (filter, after, limit) =>
      connection.read(() => {
        const values: SqliteValue[] = [filter.project]
        for (const facet of FACETS) {
          const value = filter[facet]
          if (value !== undefined) values.push(value)
        }
        if (!isStorable(filter.project, filter.name, filter.subject, filter.application, after)) return []
        if (after !== null) values.push(after)
        const rows = prepareList(filter, after !== null).all(...values, limit) as TokenValues[]
        return rows.map(toStoredToken)
      }),
  }
}
