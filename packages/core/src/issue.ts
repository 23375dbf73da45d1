import { isPromise } from './awaitable.ts'
import { assertCarriesLimits } from './carried-limits.ts'
import { MAX_TOKEN_BYTES } from './compact-token.ts'
import type { SafeHooks } from './hooks.ts'
import { toIdempotency } from './idempotency.ts'
import { type IssueFields, type LifeRules, parseIssueInput } from './issue-input.ts'
import type { KeyRing } from './key-ring.ts'
import type { TokenProfile } from './profile.ts'
import { TokenRequestError } from './request-error.ts'
import { toSha256 } from './sha256.ts'
import { isDeterministic } from './signature.ts'
import { type SigningKey, toHeaderSegment } from './signing-key.ts'
import type { StoreCall } from './store-call.ts'
import { type Awaitable, type StoredToken, toTokenRecord } from './token.ts'
import type { IssuedToken, IssueInput } from './token-service.ts'
import type { InsertConditions, TokenStore } from './token-store.ts'
import { createUuidV7 } from './uuid.ts'

/** What an issue needs of the service. */
export interface IssueContext {
  readonly store: TokenStore
  readonly call: StoreCall
  readonly ring: KeyRing
  readonly hooks: SafeHooks
  readonly native: TokenProfile
  readonly life: LifeRules
  readonly now: () => Date
}

const MOST_AT_ONCE = 1000

/** Issues all or none. @throws TokenRequestError */
export async function issueMany(
  context: IssueContext,
  inputs: readonly IssueInput[],
): Promise<readonly IssuedToken[]> {
  if (inputs.length < 1 || inputs.length > MOST_AT_ONCE) {
    throw new TokenRequestError('invalid_request', `issue 1 to ${MOST_AT_ONCE} tokens at once`)
  }
  const [first] = inputs
  if (inputs.length > 1 && inputs.some((input) => input.idempotencyKey !== undefined)) {
    throw new TokenRequestError('invalid_request', 'an idempotency key goes with one token', 'idempotencyKey')
  }
  if (inputs.some((input) => (input.uniqueName ?? false) !== (first?.uniqueName ?? false))) {
    throw new TokenRequestError('invalid_request', 'uniqueName must be the same for all', 'uniqueName')
  }
  const now = context.now()
  const drafts: Draft[] = []
  for (const input of inputs) {
    const made = draft(context, input, now)
    drafts.push(isPromise(made) ? await made : made)
  }
  const conditions = first === undefined ? {} : toConditions(first, drafts)
  const tokens = drafts.map(({ stored }) => stored)
  const result = await context.call(() => context.store.insert(tokens, conditions))
  if (result.outcome === 'name_taken') {
    throw new TokenRequestError('name_taken', 'the subject has a token of this name', 'name')
  }
  if (result.outcome === 'exists') {
    const { requestSha256 } = conditions.idempotency ?? {}
    return [await replay(context, drafts[0]?.profile ?? context.native, result, requestSha256)]
  }
  return drafts.map(({ token, stored }) => {
    const record = toTokenRecord(stored, now)
    context.hooks.onIssue?.(record)
    return { token, record }
  })
}

interface Draft {
  readonly token: string
  readonly stored: StoredToken
  readonly profile: TokenProfile
}

/** Without a promise where the key is there and no pool has to be looked for: most tokens. */
function draft(context: IssueContext, input: IssueInput, now: Date): Awaitable<Draft> {
  const profile = input.profile ?? context.native
  const fields = parseIssueInput(input, context.life, now)
  if (fields.name === null && input.uniqueName === true) {
    throw new TokenRequestError('invalid_request', 'uniqueName needs a name', 'name')
  }
  if (profile.requireExpiry && fields.expiresAt === null) {
    throw new TokenRequestError('invalid_request', 'a token of this kind must expire', 'expiresAt')
  }
  const key =
    fields.pool === null
      ? context.ring.signingKey(fields.project, profile, now)
      : signingKeyWithPool(context, fields.project, fields.pool, profile, now)
  return isPromise(key)
    ? key.then((found) => sealDraft(found, profile, fields))
    : sealDraft(key, profile, fields)
}

async function signingKeyWithPool(
  { store, call, ring }: IssueContext,
  project: string,
  pool: string,
  profile: TokenProfile,
  now: Date,
): Promise<SigningKey> {
  if ((await call(() => store.findPool(project, pool))) === null) {
    throw new TokenRequestError('invalid_request', 'the project has no pool of this name', 'pool')
  }
  return ring.signingKey(project, profile, now)
}

function sealDraft(key: SigningKey, profile: TokenProfile, fields: IssueFields): Draft {
  const unsigned = {
    ...fields,
    id: createUuidV7(fields.createdAt),
    profile: profile.name,
    keyId: key.id,
    lastUsedAt: null,
    revokedAt: null,
  }
  const payload = toPayload(profile, unsigned)
  const token = sign(key, profile, payload)
  if (token.length > MAX_TOKEN_BYTES) {
    throw new TokenRequestError('invalid_request', `the token would be longer than ${MAX_TOKEN_BYTES} bytes`)
  }
  // Last: the limits that it reads are remembered, and those of no token at all would push out others.
  assertCarriesLimits(profile, payload, unsigned)
  return { token, profile, stored: { ...unsigned, tokenSha256: toSha256(token) } }
}

function toConditions(input: IssueInput, drafts: readonly Draft[]): InsertConditions {
  const [only] = drafts
  const idempotency = only && toIdempotency(input, only.stored, isDeterministic(only.profile.algorithm))
  return {
    ...(input.uniqueName === true && { uniqueName: true }),
    ...(idempotency !== undefined && { idempotency }),
  }
}

/** The same token again: its text is not stored, so it is signed again and must come out the same. */
async function replay(
  { ring, now }: IssueContext,
  profile: TokenProfile,
  found: { readonly token: StoredToken; readonly requestSha256: string },
  requestSha256: string | undefined,
): Promise<IssuedToken> {
  if (found.requestSha256 !== requestSha256) {
    throw new TokenRequestError('idempotency_mismatch', 'this idempotency key was used with another request')
  }
  const { token: stored } = found
  const key = ring.find(stored.keyId) ?? (await ring.findAfterReload(stored.keyId))
  const issued = { ...stored, expiresAt: stored.signedExpiresAt }
  const token =
    key === undefined || stored.profile !== profile.name
      ? null
      : sign(key, profile, toPayload(profile, issued))
  if (token === null || toSha256(token) !== stored.tokenSha256) {
    throw new TokenRequestError('idempotency_replay_failed', 'the token of this key cannot be made again')
  }
  return { token, record: toTokenRecord(stored, now()) }
}

/** As JSON, with the claims that are the service's own. */
function toPayload(profile: TokenProfile, token: Omit<StoredToken, 'tokenSha256'>): string {
  return JSON.stringify({
    ...profile.toClaims(token),
    ...(profile.issuer !== null && { iss: profile.issuer }),
    ...(profile.audience !== null && { aud: profile.audience }),
    [profile.idClaim]: token.id,
    iat: Math.floor(token.createdAt.getTime() / 1000),
    ...(token.notBefore !== null && { nbf: Math.floor(token.notBefore.getTime() / 1000) }),
    ...(token.expiresAt !== null && { exp: Math.ceil(token.expiresAt.getTime() / 1000) }),
  })
}

/** @see RFC 7515 section 7.1 */
function sign(key: SigningKey, profile: TokenProfile, payload: string): string {
  const signingInput = `${toHeaderSegment(key, profile)}.${Buffer.from(payload).toString('base64url')}`
  return `${signingInput}.${key.sign(signingInput)}`
}
