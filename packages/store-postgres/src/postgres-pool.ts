/** One statement for `pg`, with its answers left as the text that the server sent. */
export interface PostgresQuery {
  readonly text: string
  readonly values?: PostgresValue[]
  readonly types: { getTypeParser(): (text: string) => string }
}

export type PostgresValue = string | number | boolean | null | readonly (string | number | null)[]

export interface PostgresResult {
  readonly rows: readonly unknown[]
}

/** What the store needs of a pooled client of `pg`. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresResult>
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  /** `true` closes the connection instead of handing it to the next one. */
  release(destroy?: boolean): void
}

/** What the store needs of a `Pool` of `pg`. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}
