import {
  assertOptions,
  ConfigurationError,
  isCost,
  type KnownMembers,
  parseScope,
  rebaseTarget,
  type TokenProfile,
  TokenRequestError,
} from '@hallpass/core'
import { createTokenReader, type TokenPlace, type TokenReader } from './token-source.ts'

/** What a guard asks of a token. `N` is what the host calls its request. */
export interface GuardOptions<N> {
  /** Dotted names; all of them are needed. */
  readonly scope?: readonly string[]
  /**
   * Credits that a request costs a metered token: a whole number from 0 to 1e6, or a function that says so. Default 1.
   * HEAD and OPTIONS cost nothing unless a function says otherwise. A function answers without a promise; what it
   * throws goes to the host's error handling, and so does a ConfigurationError for any other value: never a pass.
   */
  readonly cost?: number | ((native: N) => number)
  /** The only project whose tokens are accepted. */
  readonly project?: string
  /** Accepted kinds of token. Default `['native']`. */
  readonly profiles?: readonly (TokenProfile | 'native')[]
  /** Refuse tokens that are not bound to paths. Default false. */
  readonly requirePaths?: boolean
  /** Where the token may be. Default `['header']`. A token in two of them is refused. */
  readonly from?: readonly TokenPlace[]
  /** Replaces the beginning of the path before it is compared with the token's: `{ strip: '/cdn', prepend: '/host' }`. */
  readonly target?: TargetBase
  /** Let requests without a token pass, with `auth: null`. A token that is there must still be good. */
  readonly optional?: boolean
  /**
   * The client's address; null or undefined = it is not known. Default: what the service makes of the socket and its
   * trusted proxies.
   */
  readonly address?: (native: N) => string | null | undefined
  /** Named in the challenges. Default: none. */
  readonly realm?: string
}

export interface TargetBase {
  /** A literal beginning of the path, at a segment's border. A path without it opens nothing that is bound to paths. */
  readonly strip?: string
  readonly prepend?: string
}

/** The options of a guard, checked and copied. */
export interface GuardRules<N> {
  readonly readToken: TokenReader
  /** The part of every access request that does not depend on the request. */
  readonly fixed: {
    readonly scope?: readonly string[]
    readonly project?: string
    readonly profiles?: readonly (TokenProfile | 'native')[]
    readonly requirePaths?: boolean
  }
  readonly cost: number | ((native: N) => number)
  readonly target: TargetBase | null
  readonly optional: boolean
  readonly address: ((native: N) => string | null | undefined) | null
  readonly realm: string | undefined
}

const NAMES: KnownMembers<GuardOptions<unknown>> = {
  scope: true,
  cost: true,
  project: true,
  profiles: true,
  requirePaths: true,
  from: true,
  target: true,
  optional: true,
  address: true,
  realm: true,
}

/**
 * Checks the options once and copies them. A name that is not known is refused: a misspelt limit would limit nothing.
 * @throws ConfigurationError
 */
export function parseGuardOptions<N>(options: GuardOptions<N>): GuardRules<N> {
  assertOptions(options, NAMES, 'a guard has')
  const { scope, cost = 1, project, profiles, from = ['header'], target, address, realm } = options
  if (typeof cost !== 'function' && !isCost(cost)) {
    throw new ConfigurationError('`cost` is a whole number from 0 to 1000000, or a function that returns one')
  }
  if (address !== undefined && typeof address !== 'function') {
    throw new ConfigurationError('`address` is a function of the request')
  }
  if (project !== undefined && (typeof project !== 'string' || project === '')) {
    throw new ConfigurationError('`project` is the name of a project')
  }
  if (realm !== undefined && (typeof realm !== 'string' || !/^[ !#-[\]-~]{1,128}$/.test(realm))) {
    throw new ConfigurationError(
      '`realm` is 1 to 128 visible ASCII characters without quotes and backslashes',
    )
  }
  return {
    readToken: createTokenReader(from),
    fixed: {
      ...(scope !== undefined && { scope: parseNeededScope(scope) }),
      ...(project !== undefined && { project }),
      ...(profiles !== undefined && { profiles: parseProfiles(profiles) }),
      ...(readFlag(options, 'requirePaths') && { requirePaths: true }),
    },
    cost,
    target: target === undefined ? null : parseTargetBase(target),
    optional: readFlag(options, 'optional'),
    address: address ?? null,
    realm,
  }
}

function readFlag<N>(options: GuardOptions<N>, name: 'optional' | 'requirePaths'): boolean {
  const value = options[name] ?? false
  if (typeof value !== 'boolean') throw new ConfigurationError(`\`${name}\` is true or false`)
  return value
}

/** What `issue` takes: a guard that asks for another name lets nobody in. All of them may stand in a challenge. */
function parseNeededScope(scope: readonly string[]): readonly string[] {
  try {
    return parseScope(scope)
  } catch (error) {
    if (error instanceof TokenRequestError) throw new ConfigurationError(error.message)
    throw error
  }
}

function parseProfiles(profiles: readonly (TokenProfile | 'native')[]): readonly (TokenProfile | 'native')[] {
  if (!Array.isArray(profiles) || profiles.length === 0) {
    throw new ConfigurationError('`profiles` names one profile or more')
  }
  for (const profile of profiles) {
    if (profile !== 'native' && (typeof profile !== 'object' || profile === null)) {
      throw new ConfigurationError("a member of `profiles` is 'native' or a TokenProfile")
    }
  }
  return [...profiles]
}

function parseTargetBase(target: TargetBase): TargetBase {
  if (typeof target !== 'object' || target === null) {
    throw new ConfigurationError('`target` is an object with `strip`, `prepend` or both')
  }
  const { strip, prepend } = target
  for (const [name, path] of Object.entries({ strip, prepend })) {
    if (path !== undefined && (typeof path !== 'string' || !/^\/[^?#\s\\]*$/.test(path))) {
      throw new ConfigurationError(`\`target.${name}\` is a path that begins with a slash`)
    }
  }
  const base = { ...(strip !== undefined && { strip }), ...(prepend !== undefined && { prepend }) }
  if (strip === undefined && prepend === undefined) {
    throw new ConfigurationError('`target` is an object with `strip`, `prepend` or both')
  }
  // A base that cannot be applied to its own path can be applied to none.
  if (rebaseTarget(`${strip ?? ''}/x`, base) === null) throw new ConfigurationError('`target` opens no path')
  return base
}
