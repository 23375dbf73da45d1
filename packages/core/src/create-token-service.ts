import { randomBytes } from 'node:crypto'
import { createActivity } from './activity.ts'
import { type AuthorizeContext, authorize } from './authorize.ts'
import { createSafeHooks, type SafeHooks } from './hooks.ts'
import { type IssueContext, issueMany } from './issue.ts'
import { createGivenKeyRing, type KeyRing, openKeyRing } from './key-ring.ts'
import { assertInput } from './known-members.ts'
import { parseLabel } from './label.ts'
import { type Maintenance, startMaintenance } from './maintenance.ts'
import { createNativeProfile } from './native-profile.ts'
import { parsePlace } from './place.ts'
import { createPools } from './pools.ts'
import type { TokenProfile } from './profile.ts'
import { createTokenReader } from './read-token.ts'
import { openRevocationFeed } from './revocation-feed.ts'
import { createRevoker } from './revoke.ts'
import { parseServiceOptions, type ServiceSettings } from './service-options.ts'
import { createStoreCall, type StoreCall } from './store-call.ts'
import { toTokenRecord } from './token.ts'
import { listTokens } from './token-page.ts'
import type { TokenService, TokenServiceOptions } from './token-service.ts'
import { updateToken } from './update.ts'
import { readUsage } from './usage.ts'
import { isUuid } from './uuid.ts'
import { verify } from './verify.ts'

/**
 * Opens the key ring and, in `bounded` mode, loads the revoked ids; then the service is ready.
 * @throws ConfigurationError for options that cannot be, a missing or wrong master secret
 * @throws whatever the store throws when its keys cannot be read
 */
export async function createTokenService(options: TokenServiceOptions): Promise<TokenService> {
  const settings = parseServiceOptions(options)
  const { store, now } = settings
  const hooks = createSafeHooks(settings.hooks)
  const onStoreError = (error: unknown): void => hooks.onError(error, 'store')
  const call = createStoreCall(settings.storeTimeoutMs, onStoreError)
  const longCall = createStoreCall(null, onStoreError)
  const native = createNativeProfile({
    issuer: settings.issuer,
    audience: settings.audience,
    requireExpiry: !settings.life.allowNoExpiry,
  })
  const ring = await openRing(settings, call, hooks, native)
  const feed =
    settings.maxStalenessMs === null ? null : await openRevocationFeed(store, settings.maxStalenessMs, call)
  const activity = createActivity(store, call)
  const issuing: IssueContext = { store, call, ring, hooks, native, life: settings.life, now }
  const authorizing: AuthorizeContext = {
    store,
    call,
    ring,
    read: createTokenReader(ring),
    feed,
    activity,
    hooks,
    native: [native],
    clockToleranceSeconds: settings.clockToleranceSeconds,
    lowCredits: settings.lowCredits,
    now,
    clock: settings.clock,
  }
  const revoker = createRevoker({ ...settings, call, longCall, feed, hooks })
  const maintenance = startMaintenance({ ...settings, ring, feed, longCall, hooks })
  return {
    async issue(input) {
      const [issued] = await issueMany(issuing, [input])
      if (issued === undefined) throw new Error('a token was issued and not returned')
      return issued
    },
    issueMany: (inputs) => issueMany(issuing, inputs),
    verify: (token, request = {}) => verify(authorizing, token, request),
    authorize: (token, request) => authorize(authorizing, token, request),
    list: (query) => listTokens({ store, call, now }, query),
    async get(project, id) {
      const place = parsePlace(project, id)
      const stored = place && (await call(() => store.find(place.project, place.id)))
      return stored && toTokenRecord(stored, now())
    },
    update: (project, id, change) => updateToken({ store, call, feed, now }, project, id, change),
    ...revoker,
    refund: async ({ receipt }) => (isUuid(receipt) ? call(() => store.refund(receipt, now())) : 'unknown'),
    async usage(query) {
      await activity.flush()
      return readUsage({ store, call, now }, query)
    },
    ...createPools({ store, call }),
    async rotateKeys(which = {}) {
      assertInput(which, { project: true, profile: true }, 'rotateKeys')
      const { project = 'default', profile = native } = which
      const key = await ring.rotate(parseLabel(project, 'project', { max: 128 }), profile, now())
      return { keyId: key.id }
    },
    jwks: async () => ({ keys: ring.publicKeys().map((key) => ({ ...key })) }),
    purge: () => maintenance.purge(),
    close: () => close(maintenance, authorizing),
    clientAddress: settings.clientAddress,
    now,
  }
}

async function openRing(
  settings: ServiceSettings,
  call: StoreCall,
  hooks: SafeHooks,
  native: TokenProfile,
): Promise<KeyRing> {
  const { store, keys, now } = settings
  if (keys !== null && 'jwks' in keys) return createGivenKeyRing(keys.jwks, now())
  const masterSecret = keys === null ? randomBytes(32).toString('base64url') : keys.masterSecret
  const ring = await openKeyRing(
    store,
    { masterSecret, publishDelaySeconds: keys?.publishDelaySeconds ?? 600 },
    call,
    (error) => hooks.onError(error, 'key ring'),
  )
  // Made now, so that of several processes with different secrets on an empty store only one starts.
  await ring.signingKey('default', native, now())
  return ring
}

async function close(maintenance: Maintenance, { activity, feed, store }: AuthorizeContext): Promise<void> {
  maintenance.stop()
  feed?.close()
  await activity.close()
  await store.close()
}
