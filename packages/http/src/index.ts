export { askAuthorizer, askPrincipal } from './ask-authorizer.ts'
export { type BasicCredentials, readBasic, readBearer } from './authorization-header.ts'
export {
  type Authorize,
  createManagementCall,
  type ManagementCall,
  type SecurityScheme,
  type SecuritySchemes,
  TooManyAttemptsError,
} from './authorize.ts'
export { authorizeBearer, requireBearer } from './authorize-bearer.ts'
export type { BasicAuthOptions } from './basic-authorizer.ts'
export { basicAuth } from './basic-authorizer.ts'
export { BodyError, type BodyErrorCode } from './body-error.ts'
export { checkHandler } from './check-handler.ts'
export { checkService } from './check-service.ts'
export { type OAuthClients, type OAuthClientsOptions, oauthClients } from './client-credentials.ts'
export type { Secret } from './credential-verifier.ts'
export { createCredentialVerifier, type VerifyCredentials } from './credential-verifier.ts'
export { firstOf } from './first-of.ts'
export {
  type Auth,
  createGuard,
  DENIAL_ANSWERS,
  type DenialAnswer,
  type Guard,
  GuardDenialError,
  type GuardOptions,
  type GuardResult,
  type TargetBase,
  type TokenPlace,
  toDenialResponse,
} from './guard.ts'
export type {
  Awaitable,
  Handler,
  HttpRequest,
  HttpResponse,
  ParsedBody,
  RequestHeaders,
} from './handler.ts'
export {
  createIdentifyCaller,
  type IdentifyCaller,
  type IdentifyCallerOptions,
} from './identify-caller.ts'
export { hasBody, readBody, requireJsonType, waitForBody } from './json-body.ts'
export { jsonResponse } from './json-response.ts'
export { type ManagementOptions, managementHandler } from './management-handler.ts'
export { toMount } from './mount-path.ts'
export { createNodeRequest, type NodeRequestOptions } from './node-request.ts'
export { hashPassword } from './password-hash.ts'
export { type Refusal, readRefusal } from './refusal.ts'
export { createReportError, type ReportError } from './report-error.ts'
export {
  type HttpErrorCode,
  REQUEST_ERROR_STATUS,
  RouteError,
  type RouteErrorCode,
} from './request-errors.ts'
export { parsePairs, parseQuery } from './request-target.ts'
export {
  createRouteHandler,
  type Route,
  type RoutedRequest,
  type RouteHandlerOptions,
} from './route-handler.ts'
export { type TokenAuthorizerOptions, tokenAuthorizer } from './token-authorizer.ts'
export type {
  ErrorJson,
  IssueBody,
  IssuedTokenJson,
  ItemParameters,
  ListParameters,
  RevokeAllParameters,
  RevokedJson,
  TokenPageJson,
  TokenRecordJson,
  UpdateBody,
  UsageJson,
  UsageParameters,
  VerifiedJson,
  VerifyBody,
} from './wire.ts'
export { withTarget } from './with-target.ts'
export { writeResponse } from './write-response.ts'
