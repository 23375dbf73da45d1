import {
  type IssueInput,
  matchesPath,
  type Principal,
  parsePathPatterns,
  parseRequestPath,
  resolveProject,
  resolveSubject,
} from '@hallpass/core'
import type { RequestHeaders } from './handler.ts'
import { type ManagementRoute, routeWithBody } from './management-route.ts'
import { mayHandOn } from './management-scope.ts'
import { toRecordJson } from './record-json.ts'
import { RouteError } from './request-errors.ts'
import { issueBody, nothing, type ParsedIssueBody } from './schemas.ts'
import type { IssuedTokenJson } from './wire.ts'

/** `POST /`: the one answer that shows a token's text. */
export const issueRoute: ManagementRoute = routeWithBody({
  name: 'issueToken',
  method: 'POST',
  path: '/',
  action: 'issue',
  summary: 'Issue a token. Its text is shown in this answer and never again.',
  query: nothing,
  body: issueBody,
  takesIdempotencyKey: true,
  status: 201,
  answer: 'IssuedToken',
  errors: [
    'project_required',
    'subject_required',
    'grant_exceeded',
    'name_taken',
    'idempotency_mismatch',
    'idempotency_replay_failed',
    'store_unavailable',
  ],
  async run({ service, request }, principal, _query, body) {
    requireGrantable(principal, body.scope)
    if (body.link !== undefined) requireOpenLink(body.link, body.paths ?? principal.grant?.paths)
    const input = toIssueInput(principal, body, readIdempotencyKey(request.headers))
    const { token, record } = await service.issue(input)
    const issued: IssuedTokenJson = { token, ...toRecordJson(record) }
    if (body.link === undefined) return issued
    return { ...issued, url: `${body.link}${body.link.includes('?') ? '&' : '?'}token=${token}` }
  },
})

function toIssueInput(
  principal: Principal,
  { link, ...body }: ParsedIssueBody,
  idempotencyKey: string | undefined,
): IssueInput {
  return {
    ...body,
    // An idempotency key that comes with another link comes with another request.
    ...(link !== undefined && { idempotencyContext: link }),
    project: resolveProject(principal, body.project),
    subject: resolveSubject(principal, body.subject),
    createdBy: principal.id,
    ...(principal.grant !== undefined && { grant: principal.grant }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }
}

/**
 * What a grant alone does not say: a principal hands on no action that it cannot do itself.
 * @throws RouteError `grant_exceeded`
 */
function requireGrantable({ can, grant }: Principal, scope: readonly string[] | undefined): void {
  // An absent scope takes the grant's, so that is looked at as well.
  const asked = scope ?? grant?.scope ?? []
  if (!asked.every((each) => mayHandOn(can, each))) {
    throw new RouteError('grant_exceeded', 'scope is more than you may grant', { field: 'scope' })
  }
}

/**
 * @param paths the patterns that the token will have
 * @throws RouteError `invalid_request` for a link that is no path, carries a token or is not opened by the paths
 */
function requireOpenLink(link: string, paths: readonly string[] | null | undefined): void {
  const path = /[?&]token=/.test(link) ? null : parseRequestPath(link)
  if (path === null || /[^\x21-\x7e]|#/.test(link)) {
    throw new RouteError('invalid_request', 'link must be a plain path, percent-encoded, without a token', {
      field: 'link',
    })
  }
  if (paths == null || parsePathPatterns(paths).some((pattern) => matchesPath(pattern, path))) return
  throw new RouteError('invalid_request', 'link is not a path that the token opens', { field: 'link' })
}

/** @throws RouteError `invalid_request` unless there is none, or one of 1 to 255 visible ASCII characters */
function readIdempotencyKey(headers: RequestHeaders): string | undefined {
  const keys = headers.get('idempotency-key')
  if (keys === undefined) return undefined
  const [key = ''] = keys
  if (keys.length === 1 && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new RouteError(
    'invalid_request',
    'Idempotency-Key must be one header of 1 to 255 visible ASCII characters',
    {
      field: 'idempotencyKey',
    },
  )
}
