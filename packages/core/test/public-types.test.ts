import { expect, expectTypeOf, test } from 'vitest'
import type {
  AccessRequest,
  Allowed,
  Awaitable,
  Credits,
  Decision,
  Denial,
  DenialCode,
  IssuedToken,
  IssueInput,
  JsonObject,
  KeyOptions,
  ListQuery,
  Pool,
  RefundOutcome,
  SpendReceipt,
  StoredToken,
  TokenPage,
  TokenProfile,
  TokenRecord,
  TokenService,
  TokenServiceOptions,
  TokenStatus,
  TokenStore,
  UpdateInput,
  UsageTotal,
  VerifiedToken,
  VerifyRequest,
  VerifyResult,
} from '../src/index.ts'
import * as core from '../src/index.ts'
import { createTestService, issueTestToken } from '../src/testing.ts'

test('the functions of the package', () => {
  expectTypeOf(core.createTokenService).toEqualTypeOf<
    (options: TokenServiceOptions) => Promise<TokenService>
  >()
  expectTypeOf(core.createMemoryStore).toEqualTypeOf<() => TokenStore>()
  expectTypeOf(createTestService).toEqualTypeOf<
    (options?: Partial<TokenServiceOptions>) => Promise<TokenService>
  >()
  expectTypeOf(issueTestToken).toEqualTypeOf<
    (service: TokenService, input?: IssueInput) => Promise<IssuedToken>
  >()
  expectTypeOf(core.isPromise<string>).guards.toEqualTypeOf<Promise<string>>()
  // Named exports only.
  expect(core).not.toHaveProperty('default')
})

test('the service', () => {
  type Of<Name extends keyof TokenService> = TokenService[Name]
  expectTypeOf<Of<'issue'>>().toEqualTypeOf<(input: IssueInput) => Promise<IssuedToken>>()
  expectTypeOf<Of<'issueMany'>>().toEqualTypeOf<
    (inputs: readonly IssueInput[]) => Promise<readonly IssuedToken[]>
  >()
  expectTypeOf<Of<'verify'>>().toEqualTypeOf<
    (token: string, request?: VerifyRequest) => Promise<VerifyResult>
  >()
  expectTypeOf<Of<'authorize'>>().toEqualTypeOf<
    (token: string, request: AccessRequest) => Awaitable<Decision>
  >()
  expectTypeOf<Of<'list'>>().toEqualTypeOf<(query: ListQuery) => Promise<TokenPage>>()
  expectTypeOf<Of<'get'>>().returns.resolves.toEqualTypeOf<TokenRecord | null>()
  expectTypeOf<Of<'update'>>().parameters.toEqualTypeOf<[project: string, id: string, change: UpdateInput]>()
  expectTypeOf<Of<'revoke'>>().returns.resolves.toEqualTypeOf<TokenRecord | null>()
  expectTypeOf<Of<'revokeAll'>>()
    .parameter(0)
    .toEqualTypeOf<{ readonly project: string; readonly subject: string }>()
  expectTypeOf<Of<'refund'>>().toEqualTypeOf<(spend: SpendReceipt) => Promise<RefundOutcome>>()
  expectTypeOf<Of<'usage'>>().returns.resolves.toEqualTypeOf<readonly UsageTotal[]>()
  expectTypeOf<Of<'findPool'>>().returns.resolves.toEqualTypeOf<Pool | null>()
  expectTypeOf<Of<'rotateKeys'>>().returns.resolves.toEqualTypeOf<{ keyId: string }>()
})

test('what it needs, and what may be left out', () => {
  expectTypeOf<{ issuer: string; store: TokenStore }>().toExtend<TokenServiceOptions>()
  expectTypeOf<{ issuer: string }>().not.toExtend<TokenServiceOptions>()
  expectTypeOf<Record<never, never>>().toExtend<IssueInput>()
  expectTypeOf<{ expiresIn: string }>().toExtend<IssueInput>()
  expectTypeOf<{ expiresAt: string }>().not.toExtend<IssueInput>()
  expectTypeOf<{ address: null; target: null; method: null }>().toExtend<AccessRequest>()
  expectTypeOf<{ method: string }>().not.toExtend<AccessRequest>()
  expectTypeOf<{ masterSecret: string }>().toExtend<KeyOptions>()
  expectTypeOf<{ masterSecret: [string, string] }>().toExtend<KeyOptions>()
  expectTypeOf<{ masterSecret: [string, string, string] }>().not.toExtend<KeyOptions>()
})

test('a decision and a verification are told apart by one member', () => {
  const readDecision = (decision: Decision): string => {
    if (decision.allowed) {
      expectTypeOf(decision).toEqualTypeOf<Allowed>()
      expectTypeOf(decision.token).toEqualTypeOf<VerifiedToken>()
      expectTypeOf(decision.claims).toEqualTypeOf<JsonObject>()
      expectTypeOf(decision.record).toEqualTypeOf<TokenRecord | null>()
      return decision.token.id
    }
    expectTypeOf(decision).toEqualTypeOf<Denial>()
    return decision.code
  }
  expect(readDecision(core.toDenial('ip_denied'))).toBe('ip_denied')

  const readResult = (result: VerifyResult): string => {
    if (result.valid) {
      expectTypeOf(result.record).toEqualTypeOf<TokenRecord>()
      return result.record.id
    }
    expectTypeOf(result.error).toEqualTypeOf<DenialCode>()
    return result.error
  }
  expect(readResult({ valid: false, error: 'token_revoked', message: '' })).toBe('token_revoked')
})

test('a record shows no key and cannot be written into', () => {
  expectTypeOf<TokenRecord>().not.toHaveProperty('keyId')
  expectTypeOf<TokenRecord>().not.toHaveProperty('signedExpiresAt')
  expectTypeOf<TokenRecord['status']>().toEqualTypeOf<TokenStatus>()
  expectTypeOf<TokenRecord['credits']>().toEqualTypeOf<Credits | null>()
  expectTypeOf<TokenRecord['scope']>().toEqualTypeOf<readonly string[]>()
  expectTypeOf<StoredToken>().not.toHaveProperty('token')
  expectTypeOf<TokenProfile['algorithm']>().toEqualTypeOf<core.Algorithm>()
  expectTypeOf<DenialCode>().toEqualTypeOf<(typeof core.DENIAL_CODES)[number]>()
})
