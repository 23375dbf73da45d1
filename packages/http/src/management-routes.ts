import type { Principal, TokenRecord } from '@hallpass/core'
import { issueRoute } from './issue-route.ts'
import {
  type ManagementRoute,
  publicRoute,
  type RouteCall,
  routeWithBody,
  routeWithoutBody,
} from './management-route.ts'
import { notFound, readProject, readSubject, requireOwn } from './ownership.ts'
import { toRecordJson } from './record-json.ts'
import { itemQuery, listQuery, revokeAllQuery, updateBody, usageQuery } from './schemas.ts'
import { verifyRoute } from './verify-route.ts'
import type { TokenPageJson } from './wire.ts'

const TOKEN_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Every native route. The router and the OpenAPI document are both made from this table. */
export const MANAGEMENT_ROUTES: readonly ManagementRoute[] = [
  issueRoute,
  routeWithoutBody({
    name: 'listTokens',
    method: 'GET',
    path: '/',
    action: 'list',
    summary: 'List tokens, newest first. With a status, a page may be short although `next` is not null.',
    query: listQuery,
    status: 200,
    answer: 'TokenPage',
    errors: ['project_required', 'subject_required', 'not_found', 'store_unavailable'],
    async run({ service }, principal, { subject: named, ...query }) {
      const project = readProject(principal, query.project)
      const subject = readSubject(principal, named)
      const page = await service.list({ ...query, project, ...(subject !== undefined && { subject }) })
      return { tokens: page.tokens.map(toRecordJson), next: page.next } satisfies TokenPageJson
    },
  }),
  routeWithoutBody({
    name: 'revokeTokens',
    method: 'DELETE',
    path: '/',
    action: 'revoke',
    summary: 'Revoke all tokens of a subject.',
    query: revokeAllQuery,
    status: 200,
    answer: 'Revoked',
    errors: ['not_found', 'store_unavailable'],
    async run({ service }, principal, whose) {
      const project = readProject(principal, whose.project)
      // A '*' principal's subject is the one named.
      const subject = readSubject(principal, whose.subject) ?? whose.subject
      return { revoked: await service.revokeAll({ project, subject }) }
    },
  }),
  verifyRoute,
  routeWithoutBody({
    name: 'readUsage',
    method: 'GET',
    path: '/usage',
    action: 'list',
    summary: 'Calls and credits by application, subject or token. Days are UTC; default the last 30.',
    query: usageQuery,
    status: 200,
    answer: 'Usage',
    errors: ['project_required', 'subject_required', 'not_found', 'store_unavailable'],
    async run({ service }, principal, { subject: named, ...query }) {
      const project = readProject(principal, query.project)
      const subject = readSubject(principal, named)
      return { usage: await service.usage({ ...query, project, ...(subject !== undefined && { subject }) }) }
    },
  }),
  publicRoute({
    name: 'readJwks',
    path: '/jwks.json',
    summary: 'Public keys of native tokens (RFC 7517).',
    answer: 'Jwks',
    errors: ['store_unavailable'],
    maxAgeSeconds: 300,
    contentType: 'application/jwk-set+json',
    run: async ({ service }) => JSON.stringify(await service.jwks()),
  }),
  publicRoute({
    name: 'readOpenApi',
    path: '/openapi.json',
    summary: 'This document.',
    answer: 'OpenApi',
    maxAgeSeconds: 300,
    contentType: 'application/json; charset=utf-8',
    run: (call) => call.openApi(),
  }),
  routeWithoutBody({
    name: 'readToken',
    method: 'GET',
    path: '/:id',
    action: 'read',
    summary: 'One token.',
    query: itemQuery,
    status: 200,
    answer: 'TokenRecord',
    errors: ['project_required', 'not_found', 'store_unavailable'],
    run: async (call, principal, query) =>
      toRecordJson(await findOwn(call, principal, readProject(principal, query.project))),
  }),
  routeWithBody({
    name: 'updateToken',
    method: 'PATCH',
    path: '/:id',
    action: 'update',
    summary: 'Change the name, add credits, or move the expiry earlier.',
    query: itemQuery,
    body: updateBody,
    status: 200,
    answer: 'TokenRecord',
    errors: [
      'project_required',
      'grant_exceeded',
      'not_found',
      'name_taken',
      'token_inactive',
      'store_unavailable',
    ],
    async run(call, principal, query, change) {
      const project = readProject(principal, query.project)
      requireTokenId(call.id)
      const { subjects, grant } = principal
      if (subjects !== '*') await findOwn(call, principal, project)
      return toRecordJson(
        await call.service.update(project, call.id, { ...change, ...(grant !== undefined && { grant }) }),
      )
    },
  }),
  routeWithoutBody({
    name: 'revokeToken',
    method: 'DELETE',
    path: '/:id',
    action: 'revoke',
    summary: 'Revoke a token at once. Again and again gives the same answer.',
    query: itemQuery,
    status: 200,
    answer: 'TokenRecord',
    errors: ['project_required', 'not_found', 'store_unavailable'],
    async run(call, principal, query) {
      const project = readProject(principal, query.project)
      requireTokenId(call.id)
      if (principal.subjects !== '*') await findOwn(call, principal, project)
      return toRecordJson(requireOwn(principal, await call.service.revoke(project, call.id)))
    },
  }),
]

async function findOwn(
  { service, id }: RouteCall,
  principal: Principal,
  project: string,
): Promise<TokenRecord> {
  requireTokenId(id)
  return requireOwn(principal, await service.get(project, id))
}

/** Every id that was ever given out has this form. @throws RouteError `not_found` */
function requireTokenId(id: string): void {
  if (!TOKEN_ID.test(id)) throw notFound()
}
