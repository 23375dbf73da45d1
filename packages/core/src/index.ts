export { applyChange } from './apply-change.ts'
export { isPromise } from './awaitable.ts'
export type { ClientAddressOptions } from './client-address.ts'
export { CopyError, type CopyOptions, type CopyProgress, type CopyResult, copyTokens } from './copy-tokens.ts'
export { isCost } from './cost.ts'
export { createTokenService } from './create-token-service.ts'
export type {
  AccessRequest,
  Allowed,
  Decision,
  SpendReceipt,
  Unchecked,
  VerifiedToken,
  VerifyRequest,
  VerifyResult,
} from './decision.ts'
export { AccessDeniedError, DENIAL_CODES, type Denial, type DenialCode, toDenial } from './denial.ts'
export { parseDuration } from './duration.ts'
export { type ExportCursor, parseExportCursor } from './export-cursor.ts'
export { toFieldName } from './field-name.ts'
export { freezeJson } from './freeze-json.ts'
export type { GivenKey, KeyOptions } from './key-ring.ts'
export { assertOptions, type KnownMembers } from './known-members.ts'
export { parseLabel } from './label.ts'
export { readLimitClaims, toLimitClaims } from './limit-claims.ts'
export { isGrant } from './limit-to-grant.ts'
export { createMemoryStore } from './memory-store.ts'
export { ownsRecord, resolveProject, resolveSubject } from './ownership.ts'
export { matchesPath, parsePathPattern, parsePathPatterns } from './path-pattern.ts'
export type { Action, Grant, Principal } from './principal.ts'
export { ALGORITHMS, type Algorithm, type TokenClaims, type TokenProfile } from './profile.ts'
export {
  ConfigurationError,
  REQUEST_ERROR_CODES,
  type RequestErrorCode,
  TokenRequestError,
} from './request-error.ts'
export { parseRequestPath, rebaseTarget } from './request-path.ts'
export { parseScope } from './scope.ts'
export { checkStorable, isStorable } from './storable-text.ts'
export type { CopiedKind } from './store-digest.ts'
export type { StoredReceipt, StoredRow, StoredRowPage, StoredRows } from './stored-row.ts'
export { isTextList } from './text-list.ts'
export {
  type Awaitable,
  type Credits,
  type JsonObject,
  type JsonValue,
  type StoredToken,
  type TokenRecord,
  type TokenStatus,
  toTokenRecord,
  toTokenStatus,
} from './token.ts'
export type {
  IssuedToken,
  IssueInput,
  ListQuery,
  TokenHooks,
  TokenPage,
  TokenService,
  TokenServiceOptions,
  UpdateInput,
  UsageQuery,
} from './token-service.ts'
export type {
  ChangeRefusal,
  Counter,
  FindHint,
  InsertConditions,
  InsertResult,
  ListFilter,
  Pool,
  PurgeLimits,
  RefundOutcome,
  RevocationEntry,
  RevocationPage,
  Spend,
  SpendResult,
  StoredKey,
  TokenChange,
  TokenStore,
  Touch,
  UpdateResult,
  UsageEntry,
  UsageFilter,
  UsageTotal,
} from './token-store.ts'
export { parseUniqueJson } from './unique-json.ts'
export { addUsageCounts, compareUsageTotals } from './usage-total.ts'
export { warnOfFailure } from './warn.ts'
