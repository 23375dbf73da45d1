import type { TokenPage, TokenProfile, TokenService } from '@hallpass/core'
import { parseQuery, type RoutedRequest, RouteError } from '@hallpass/http'
import { toTokenMetadata } from './answers.ts'
import { MAGICBELL_PROJECT_PROFILE, MAGICBELL_USER_PROFILE, PROJECT_SUBJECT } from './profiles.ts'
import { toUserFilter, toUserKinds, USER_KINDS, type UserFilter, type UserKind } from './user.ts'
import type { TokenListJson } from './wire.ts'

/** What the query of a list asks for. */
interface ListRequest {
  readonly limit: number
  /** A cursor; null = the first page. */
  readonly after: string | null
  /** Whether `limit` was given, so that links repeat it. */
  readonly isLimited: boolean
}

/** As many as the service gives at once: clients that know no pages see most lists whole. */
const MOST_A_PAGE = 200

/**
 * Live project tokens, newest first.
 * @throws RouteError, TokenRequestError
 */
export async function listProjectTokens(
  service: TokenService,
  project: string,
  call: RoutedRequest,
  base: string,
): Promise<TokenListJson> {
  const asked = readListRequest(call)
  const page = await findPage(service, project, { subject: PROJECT_SUBJECT }, asked)
  return toTokenList(page, MAGICBELL_PROJECT_PROFILE, asked, base, (cursor) => cursor)
}

/**
 * Live tokens of the user that the path names by id, external id or email: the first reading that finds any counts.
 * Nobody has to be known: a user without tokens has an empty list.
 * @throws RouteError, TokenRequestError
 */
export async function listUserTokens(
  service: TokenService,
  project: string,
  call: RoutedRequest,
  base: string,
): Promise<TokenListJson> {
  const named = readUserName(call)
  const { kind: only, ...asked } = toKindRequest(readListRequest(call))
  const kinds = only === null ? toUserKinds(named) : [only]
  let list: TokenListJson | null = null
  for (const kind of kinds) {
    const page = await findPage(service, project, toUserFilter(project, kind, named), asked)
    list = toTokenList(page, MAGICBELL_USER_PROFILE, asked, base, (cursor) => `${kind}.${cursor}`)
    if (list.tokens.length > 0 || list.links.next !== undefined) return list
  }
  if (list === null) throw new Error('a user is named in no way')
  return list
}

function findPage(
  service: TokenService,
  project: string,
  filter: UserFilter,
  { limit, after }: ListRequest,
): Promise<TokenPage> {
  return service.list({ project, ...filter, status: 'active', limit, ...(after !== null && { after }) })
}

function toTokenList(
  { tokens, next }: TokenPage,
  profile: TokenProfile,
  { limit, isLimited }: ListRequest,
  base: string,
  toCursor: (cursor: string) => string,
): TokenListJson {
  // Tokens of other APIs may have the same subject or application; they are none of this list's.
  const shown = tokens.filter((token) => token.profile === profile.name).map(toTokenMetadata)
  const first = isLimited ? `?limit=${limit}` : ''
  return {
    tokens: shown,
    data: shown,
    links: {
      first: `${base}${first}`,
      ...(next !== null && {
        next: `${base}${first === '' ? '?' : `${first}&`}starting_after=${toCursor(next)}`,
      }),
    },
  }
}

function readListRequest({ query }: RoutedRequest): ListRequest {
  const { limit, starting_after: after = null, ending_before: before } = parseQuery(query)
  if (before !== undefined) {
    throw refusal('ending_before', 'is not supported: lists are read forwards, by their `next` links')
  }
  if (limit !== undefined && !/^(?:[1-9][0-9]?|1[0-9][0-9]|200)$/.test(limit)) {
    throw refusal('limit', `must be a whole number from 1 to ${MOST_A_PAGE}`)
  }
  return { limit: limit === undefined ? MOST_A_PAGE : Number(limit), after, isLimited: limit !== undefined }
}

/** A cursor of a user's list says in which way the user was found. */
function toKindRequest(asked: ListRequest): ListRequest & { readonly kind: UserKind | null } {
  if (asked.after === null) return { ...asked, kind: null }
  const dot = asked.after.indexOf('.')
  const kind = USER_KINDS.find((each) => each === asked.after?.slice(0, dot))
  if (kind === undefined) throw refusal('starting_after', 'is not a cursor of this list')
  return { ...asked, kind, after: asked.after.slice(dot + 1) }
}

function readUserName({ params }: RoutedRequest): string {
  try {
    const named = decodeURIComponent(params.id ?? '')
    if (named.length > 0 && named.length <= 512) return named
  } catch {
    // Not UTF-8: refused like what is too long.
  }
  throw refusal('user_id', 'must be an id, an external id or an email')
}

function refusal(parameter: string, why: string): RouteError {
  return new RouteError('invalid_request', `${parameter} ${why}`, { field: parameter })
}
