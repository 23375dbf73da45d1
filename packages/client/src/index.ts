export { Client, type ClientOptions } from './client.ts'
export type { Fetch, FetchResponse } from './fetch.ts'
export { type ClientErrorCode, HallpassError, type HallpassErrorDetails } from './hallpass-error.ts'
export type { CreateOptions } from './idempotency-key.ts'
export type { JwtService, PageParameters } from './jwt-service.ts'
export type {
  AccessToken,
  CreateProjectTokenRequest,
  CreateUserTokenRequest,
  DiscardedToken,
  JwtResponse,
  TokenList,
  TokenMetadata,
} from './jwt-wire.ts'
export type { TokenListQuery, TokensService } from './tokens-service.ts'
export type {
  IssueBody,
  IssuedTokenJson,
  ItemParameters,
  JsonObject,
  JsonValue,
  TokenPageJson,
  TokenRecordJson,
  TokenStatus,
  UpdateBody,
  UsageJson,
  UsageParameters,
  VerifiedJson,
  VerifyBody,
} from './wire.ts'
