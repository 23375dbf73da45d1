import {
  AccessDeniedError,
  type Action,
  assertOptions,
  ConfigurationError,
  type KnownMembers,
  type Principal,
  type TokenService,
} from '@hallpass/core'
import { readBearer } from './authorization-header.ts'
import { type Authorize, isPrincipal, type ManagementCall } from './authorize.ts'
import { checkService } from './check-service.ts'
import { CLIENT_PROFILE } from './client-profile.ts'
import { checkSecret, createCredentialVerifier, type Secret } from './credential-verifier.ts'
import type { Handler } from './handler.ts'
import { toActionScope, toActions } from './management-scope.ts'
import { createReportError, type ReportError } from './report-error.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

export interface OAuthClientsOptions {
  /** By `client_id`: 1 to 128 visible ASCII characters without a colon. */
  readonly clients: Readonly<Record<string, { readonly secret: Secret; readonly principal: Principal }>>
  /** Where the token endpoint is mounted, for the OpenAPI document. Default `/connect/token`. */
  readonly tokenUrl?: string
  /** Life of an access token. Default 900, at most 3600. */
  readonly tokenLifeSeconds?: number
  /**
   * The project that access tokens are kept in, apart from everybody else's. Other clients of the same service have
   * another. Default `oauth-clients`.
   */
  readonly project?: string
  /** Milliseconds; what a remembered secret's minute is counted by. Default `Date.now`. */
  readonly nowMs?: () => number
  /** Told of faults inside. Default: a process warning with the error's name, no message. */
  readonly onError?: ReportError
}

const NAMES: KnownMembers<OAuthClientsOptions> = {
  clients: true,
  tokenUrl: true,
  tokenLifeSeconds: true,
  project: true,
  nowMs: true,
  onError: true,
}

export interface OAuthClients {
  /** Answers `POST` at its mount with an access token. */
  readonly tokenEndpoint: Handler
  /** Accepts those access tokens, and no other. */
  readonly authorize: Authorize
}

/**
 * OAuth 2.0 client credentials: a client trades its id and secret for a short access token, and calls with that.
 * A token does at most what the client's principal can do at the time of the call; a client that was taken out of
 * the options is refused at once.
 * @throws ConfigurationError
 * @see RFC 6749 section 4.4
 */
export function oauthClients(service: TokenService, options: OAuthClientsOptions): OAuthClients {
  checkService(service)
  assertOptions(options, NAMES, 'oauthClients has')
  if (typeof options.clients !== 'object' || options.clients === null) {
    throw new ConfigurationError('clients is missing')
  }
  const entries = Object.entries(options.clients)
  for (const [id, client] of entries) {
    if (!/^[\x21-\x39\x3b-\x7e]{1,128}$/.test(id) || !isPrincipal(client?.principal)) {
      throw new ConfigurationError(
        'clients: each needs an id of 1 to 128 visible ASCII characters, and a principal',
      )
    }
    checkSecret(client.secret, `clients.${id}.secret`)
  }
  const tokenLifeSeconds = options.tokenLifeSeconds ?? 900
  if (!Number.isInteger(tokenLifeSeconds) || tokenLifeSeconds < 1 || tokenLifeSeconds > 3600) {
    throw new ConfigurationError('tokenLifeSeconds must be a whole number from 1 to 3600')
  }
  const project = options.project ?? 'oauth-clients'
  const principals = new Map(entries.map(([id, { principal }]) => [id, structuredClone(principal)]))
  const verify = createCredentialVerifier(
    entries.map(([id, { secret }]) => [id, secret] as const),
    options.nowMs,
  )

  takeProject(service, project)

  const authorize = async (call: ManagementCall): Promise<Principal | null> => {
    const text = readBearer(call.header('authorization'))
    if (text === null) return null
    const { address, target, method } = call
    const profiles = [CLIENT_PROFILE]
    const decision = await service.authorize(text, { address, target, method, project, profiles })
    if (!decision.allowed) throw new AccessDeniedError(decision)
    const principal = principals.get(decision.token.subject)
    if (principal === undefined) return null
    const scoped = toActions(decision.token.scope)
    return { ...principal, can: principal.can.filter((action) => scoped.includes(action)) }
  }

  return {
    tokenEndpoint: createTokenEndpoint({
      verify,
      report: createReportError(options.onError),
      toScope: (id, asked) => toScope(principals.get(id)?.can ?? [], asked),
      async issue(id, scope) {
        const { token } = await service.issue({
          project,
          subject: id,
          application: id,
          createdBy: id,
          scope,
          expiresIn: tokenLifeSeconds,
          profile: CLIENT_PROFILE,
        })
        return { token, expiresInSeconds: tokenLifeSeconds }
      },
    }),
    authorize: Object.assign(authorize, {
      challenge: 'Bearer',
      security: {
        oauth2: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: options.tokenUrl ?? '/connect/token', scopes: SCOPES } },
        },
      },
    } as const),
  }
}

/** The projects that registries of a service have. */
const taken = new WeakMap<TokenService, Set<string>>()

/**
 * A token says its project and client. Of two registries with one project, the token of a client would open the other
 * as the client that has the same id there.
 * @throws ConfigurationError
 */
function takeProject(service: TokenService, project: string): void {
  const projects = taken.get(service) ?? new Set()
  if (projects.has(project)) {
    throw new ConfigurationError(`project: other clients of this service have \`${project}\` already`)
  }
  taken.set(service, projects.add(project))
}

const SCOPES: Readonly<Record<string, string>> = {
  hallpass: 'everything the client may do',
  'hallpass.issue': 'issue tokens',
  'hallpass.read': 'read a token',
  'hallpass.list': 'list tokens and usage',
  'hallpass.verify': 'verify tokens',
  'hallpass.update': 'change tokens',
  'hallpass.revoke': 'revoke tokens',
}

/** The scope of a new access token: what was asked for, else all that the client can do; null = it may not have it. */
function toScope(can: readonly Action[], asked: readonly string[] | null): readonly string[] | null {
  if (asked === null || (asked.length === 1 && asked[0] === 'hallpass')) return can.map(toActionScope)
  const known = new Set(can.map(toActionScope))
  // Each once, however often it is named (RFC 6749 section 3.3: a set).
  return asked.every((scope) => known.has(scope)) ? [...new Set(asked)] : null
}
