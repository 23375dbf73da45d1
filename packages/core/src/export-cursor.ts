/** Where an export of tables that are read by their keys goes on. */
export interface ExportCursor {
  /** Which table. */
  readonly index: number
  /** The key of its last row that was handed over; empty = none was. */
  readonly key: readonly string[]
}

/**
 * Reads what `JSON.stringify([index, ...key])` wrote; null = the beginning.
 * @returns undefined for a text of another form
 */
export function parseExportCursor(after: string | null): ExportCursor | undefined {
  if (after === null) return { index: 0, key: [] }
  let parts: unknown
  try {
    parts = JSON.parse(after)
  } catch {
    return undefined
  }
  if (!Array.isArray(parts)) return undefined
  const [index, ...key] = parts as unknown[]
  const texts = key.filter((part) => typeof part === 'string')
  return typeof index === 'number' && texts.length === key.length ? { index, key: texts } : undefined
}
