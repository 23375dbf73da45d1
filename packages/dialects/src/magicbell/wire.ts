// What travels over the MagicBell routes, as JSON has it. Members that are null are left out.

/** Body of `POST /jwt/project`. */
export interface ProjectTokenBody {
  readonly name: string
  /** Life in seconds. Absent: it never expires, unless the server says otherwise. */
  readonly expiry?: number
}

/** Body of `POST /jwt/user`. One of `email` and `external_id` is needed. */
export interface UserTokenBody {
  readonly email?: string
  readonly external_id?: string
  readonly name?: string
  /** Life in seconds. Absent: it never expires, unless the server says otherwise. */
  readonly expiry?: number
}

/** Answer of both POSTs: the only time that the token's text is shown. Times are RFC 3339. */
export interface AccessTokenJson {
  readonly token: string
  readonly token_id: string
  readonly created_at: string
  readonly expires_at?: string
}

/** A token in a list. */
export interface TokenMetadataJson {
  readonly id: string
  readonly name?: string
  readonly created_at: string
  readonly expires_at?: string
}

/** Answer of both lists: `tokens` and `data` are the same. */
export interface TokenListJson {
  readonly tokens: readonly TokenMetadataJson[]
  readonly data: readonly TokenMetadataJson[]
  readonly links: { readonly first: string; readonly next?: string; readonly prev?: string }
}

/** Answer of both DELETEs. */
export interface DiscardedTokenJson {
  readonly token_id: string
  readonly discarded_at: string
}

/** Answer of `GET /me`. */
export interface MeJson {
  readonly id: string
  readonly email?: string
  readonly external_id?: string
}

/** Body of every refusal. */
export interface ErrorsJson {
  readonly errors: readonly {
    readonly code: string
    readonly message: string
    readonly suggestion?: string
  }[]
}
