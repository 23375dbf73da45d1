import { isPromise } from './awaitable.ts'
import { createClientAddress } from './client-address.ts'
import { type LifeRules, parseLife } from './issue-input.ts'
import type { KeyOptions } from './key-ring.ts'
import { assertOptions, type KnownMembers } from './known-members.ts'
import { ConfigurationError, TokenRequestError } from './request-error.ts'
import type { TokenHooks, TokenService, TokenServiceOptions } from './token-service.ts'
import type { TokenStore } from './token-store.ts'

/** The options of a service, checked once and copied: later changes to the caller's objects change nothing. */
export interface ServiceSettings {
  readonly issuer: string
  readonly audience: string
  readonly store: TokenStore
  /** Null = keys live and die with the process. */
  readonly keys: KeyOptions | null
  /** Null = strict. */
  readonly maxStalenessMs: number | null
  readonly clockToleranceSeconds: number
  readonly retentionSeconds: number | null
  readonly usageRetentionSeconds: number | null
  readonly storeTimeoutMs: number
  /** Null = no maintenance by itself. */
  readonly maintenanceSeconds: number | null
  readonly life: LifeRules
  readonly lowCredits: number
  readonly hooks: TokenHooks
  readonly clientAddress: TokenService['clientAddress']
  readonly now: () => Date
  /** The same in milliseconds since 1970, for what happens on every request. */
  readonly clock: () => number
}

const DAY_SECONDS = 86_400

const OPTIONS: KnownMembers<TokenServiceOptions> = {
  issuer: true,
  audience: true,
  store: true,
  keys: true,
  revocation: true,
  clockToleranceSeconds: true,
  retentionSeconds: true,
  usageRetentionSeconds: true,
  storeTimeoutMs: true,
  maintenance: true,
  defaults: true,
  limits: true,
  hooks: true,
  clientAddress: true,
  now: true,
}
const HOOKS: KnownMembers<TokenHooks> = {
  onIssue: true,
  onDeny: true,
  onRevoke: true,
  onLowCredits: true,
  onError: true,
}

/** @throws ConfigurationError naming the option */
export function parseServiceOptions(options: TokenServiceOptions): ServiceSettings {
  assertNames(options)
  const {
    store,
    revocation = { mode: 'strict' },
    maintenance = { everySeconds: 3600 },
    defaults,
    limits,
  } = options
  if (typeof store !== 'object' || store === null) throw new ConfigurationError('store is missing')
  if (isPromise(store)) throw new ConfigurationError('store is a promise: await what makes it')
  const { keys = null } = options
  if (keys === null && store.persistent) {
    throw new ConfigurationError(
      'keys.masterSecret is missing: a store that outlives the process needs keys that do so too',
    )
  }
  if (revocation.mode !== 'strict' && revocation.mode !== 'bounded') {
    throw new ConfigurationError('revocation.mode must be "strict" or "bounded"')
  }
  const allowNoExpiry = limits?.allowNoExpiry ?? false
  return {
    issuer: asText(options.issuer, 'issuer'),
    audience: asText(options.audience ?? options.issuer, 'audience'),
    store,
    keys: keys === null ? null : parseKeyOptions(keys),
    maxStalenessMs:
      revocation.mode === 'strict'
        ? null
        : asNumber(revocation.maxStalenessMs, 'revocation.maxStalenessMs', 20, 3_600_000),
    clockToleranceSeconds: asNumber(options.clockToleranceSeconds ?? 0, 'clockToleranceSeconds', 0, 300),
    retentionSeconds:
      options.retentionSeconds === null
        ? null
        : asNumber(options.retentionSeconds ?? 30 * DAY_SECONDS, 'retentionSeconds', 0, 3650 * DAY_SECONDS),
    usageRetentionSeconds:
      options.usageRetentionSeconds == null
        ? null
        : asNumber(options.usageRetentionSeconds, 'usageRetentionSeconds', DAY_SECONDS, 3650 * DAY_SECONDS),
    storeTimeoutMs: asNumber(options.storeTimeoutMs ?? 2000, 'storeTimeoutMs', 1, 600_000),
    maintenanceSeconds:
      maintenance === false
        ? null
        : asNumber(maintenance.everySeconds, 'maintenance.everySeconds', 1, DAY_SECONDS),
    life: {
      defaultLifeSeconds: asLife(defaults?.expiresIn ?? 3600, 'defaults.expiresIn'),
      maxLifeSeconds:
        limits?.maxLifeSeconds === undefined ? null : asLife(limits.maxLifeSeconds, 'limits.maxLifeSeconds'),
      allowNoExpiry,
    },
    lowCredits: asNumber(defaults?.lowCredits ?? 0.1, 'defaults.lowCredits', 0, 0.99),
    hooks: options.hooks ?? {},
    clientAddress: createClientAddress(options.clientAddress),
    ...createClock(options.now),
  }
}

/** Null is what an application without types may have in the place of what it leaves out. */
function assertNames(options: TokenServiceOptions): void {
  assertOptions(options, OPTIONS, 'createTokenService has')
  const { revocation, maintenance, defaults, limits, hooks, clientAddress, keys } = options
  if (revocation != null) assertOptions(revocation, { mode: true, maxStalenessMs: true }, '`revocation` has')
  if (maintenance) assertOptions(maintenance, { everySeconds: true }, '`maintenance` has')
  if (defaults != null) assertOptions(defaults, { expiresIn: true, lowCredits: true }, '`defaults` has')
  if (limits != null) assertOptions(limits, { allowNoExpiry: true, maxLifeSeconds: true }, '`limits` has')
  if (hooks != null) assertOptions(hooks, HOOKS, '`hooks` has')
  if (clientAddress != null) {
    assertOptions(clientAddress, { trustedProxies: true, header: true }, '`clientAddress` has')
  }
  if (keys != null) {
    assertOptions(keys, { masterSecret: true, publishDelaySeconds: true, jwks: true }, '`keys` has')
  }
}

/** Dates are copied, because a clock may hand out the same one again and again and move it. */
function createClock(now: (() => Date) | undefined): Pick<ServiceSettings, 'now' | 'clock'> {
  return now === undefined
    ? { now: () => new Date(), clock: () => Date.now() }
    : { now: () => new Date(now()), clock: () => Number(now()) }
}

function parseKeyOptions(keys: KeyOptions): KeyOptions {
  if ('jwks' in keys) {
    if (Array.isArray(keys.jwks)) return structuredClone(keys)
    throw new ConfigurationError('keys.jwks must be a list of { jwk }')
  }
  const { masterSecret, publishDelaySeconds } = keys
  // As it comes from an environment variable that is not set.
  if (masterSecret === undefined) throw new ConfigurationError('keys.masterSecret is missing')
  return {
    masterSecret: structuredClone(masterSecret),
    publishDelaySeconds: asNumber(
      publishDelaySeconds ?? 600,
      'keys.publishDelaySeconds',
      0,
      30 * DAY_SECONDS,
    ),
  }
}

function asText(value: unknown, option: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 1024) return value
  throw new ConfigurationError(`${option} must be a text of 1 to 1024 characters`)
}

function asNumber(value: unknown, option: string, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw new ConfigurationError(`${option} must be a number from ${least} to ${most}`)
}

function asLife(value: unknown, option: string): number {
  try {
    return parseLife(value, option)
  } catch (error) {
    if (!(error instanceof TokenRequestError)) throw error
    throw new ConfigurationError(`${option}: ${error.message}`)
  }
}
