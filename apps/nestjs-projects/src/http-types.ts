import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Account } from './accounts.ts'

/** What is used here of Express's request. */
export interface Request extends IncomingMessage {
  readonly params: Readonly<Record<string, string>>
  /** Set by `AccountGuard`. */
  account?: Account
}

/** What is used here of Express's response. */
export interface Response extends ServerResponse {
  status(code: number): this
  json(body: unknown): this
}
