export type Action = 'issue' | 'read' | 'list' | 'verify' | 'update' | 'revoke'

/** The most that a principal may put into a token. An absent field sets no bound. */
export interface Grant {
  readonly maxLifeSeconds?: number
  readonly paths?: readonly string[]
  readonly scope?: readonly string[]
  readonly httpMethods?: readonly string[]
  readonly ip?: readonly string[]
  readonly credits?: number
  /** Pools of the project that tokens may draw from. Default none. */
  readonly pools?: readonly string[]
  /** Names of custom claims that may be set. Default none. */
  readonly claims?: readonly string[]
}

/** Who calls the management routes, and what is theirs. */
export interface Principal {
  readonly id: string
  readonly projects: readonly string[] | '*'
  readonly subjects: readonly string[] | '*'
  readonly can: readonly Action[]
  readonly grant?: Grant
}
