import type { DenialCode, IssueInput } from '@hallpass/core'
import type { GateState } from './gate.ts'
import type { StorePlace } from './store-place.ts'

/** How a service process is set up. */
export interface ServiceSetup {
  readonly place: StorePlace
  /** Null = strict. */
  readonly maxStalenessMs: number | null
  readonly storeTimeoutMs: number
  /** Puts a gate before the store, for the command of that name. Every call then takes one turn more. */
  readonly gated?: boolean
}

/** `allowed`, or why not. `failed` = something was thrown that is no refusal. */
export type Outcome = 'allowed' | DenialCode | 'failed'

/** What a watcher saw of a token that was revoked elsewhere; moments of `toMonotonicMs`. */
export interface Refusal {
  readonly code: Outcome
  /** When the last request that was let through began; null = none was. */
  readonly lastAllowedAt: number | null
}

export interface LoadSetup {
  /** How many clients issue, spend, revoke and look in turn. */
  readonly lanes: number
  /** Metered tokens, of which each lane takes the next one. */
  readonly meters: readonly string[]
}

/** What a service process does when it is asked to. */
export interface Commands {
  issue: { input: Pick<IssueInput, 'credits' | 'pool'>; answer: { token: string; id: string } }
  createPool: { input: { name: string; credits: number }; answer: boolean }
  authorize: { input: { token: string; cost?: number }; answer: Outcome }
  /** Answers the moment of the acknowledgement. */
  revoke: { input: { id: string }; answer: number }
  /** So many clients at once, each so many requests of one credit, over the tokens in turn. */
  spend: {
    input: { tokens: readonly string[]; clients: number; each: number }
    answer: Partial<Record<Outcome, number>>
  }
  /** Asks again and again until the token is refused. */
  watch: { input: { token: string }; answer: Refusal }
  /** Begins the load, which tells of itself by `LoadEvent`s. */
  work: { input: LoadSetup; answer: null }
  /** Ends the load and answers when its last request is over. */
  rest: { input: null; answer: null }
  gate: { input: GateState; answer: null }
}

/** Something that a client of the service was told. */
export type LoadEvent =
  | { readonly did: 'issue' | 'revoke' | 'see revoked'; readonly id: string }
  | { readonly did: 'spend'; readonly id: string; readonly receipt: string }
  | { readonly did: 'see allowed'; readonly id: string }
  | { readonly did: 'refuse'; readonly code: Outcome }

export interface CommandMessage {
  readonly number: number
  readonly name: keyof Commands
  readonly input: unknown
}

export type ServiceMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'event'; readonly event: LoadEvent }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'error'; readonly number: number; readonly message: string }

/** Milliseconds of the machine's monotonic clock, the same in every process. */
export function toMonotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

export const MASTER_SECRET: string = Buffer.alloc(32, 9).toString('base64url')
