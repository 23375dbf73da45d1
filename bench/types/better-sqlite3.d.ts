/** The part of better-sqlite3 that is used here; it comes without types. */
declare module 'better-sqlite3' {
  export default class Database {
    constructor(file: string)
    pragma(text: string): unknown
    close(): void
  }
}
