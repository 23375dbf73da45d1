import { DatabaseSync } from 'node:sqlite'

/** The one number that a query answers, read from a file that nobody else has open any more. */
export function readNumber(file: string, sql: string): number {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const [value] = Object.values(database.prepare(sql).get() ?? {})
    if (typeof value !== 'number') throw new Error(`${sql} answers no number`)
    return value
  } finally {
    database.close()
  }
}
