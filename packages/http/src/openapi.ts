import type { JsonObject } from '@hallpass/core'
import * as z from 'zod'
import type { SecuritySchemes } from './authorize.ts'
import type { ManagementRoute } from './management-route.ts'
import { type HttpErrorCode, REQUEST_ERROR_STATUS } from './request-errors.ts'
import { errorAnswer, issuedToken, revoked, tokenPage, tokenRecord, usage, verified } from './schemas.ts'

const ANSWERS: Readonly<Record<string, JsonObject>> = {
  TokenRecord: toJsonSchema(tokenRecord),
  IssuedToken: toJsonSchema(issuedToken),
  TokenPage: toJsonSchema(tokenPage),
  Revoked: toJsonSchema(revoked),
  Verified: toJsonSchema(verified),
  Usage: toJsonSchema(usage),
  Jwks: {
    type: 'object',
    required: ['keys'],
    properties: { keys: { type: 'array', items: { type: 'object', additionalProperties: true } } },
  },
  OpenApi: { type: 'object', additionalProperties: true },
  Error: toJsonSchema(errorAnswer),
}

const PUBLIC_ERRORS: readonly HttpErrorCode[] = ['invalid_request', 'internal_error']
const AUTHORIZED_ERRORS: readonly HttpErrorCode[] = [
  ...PUBLIC_ERRORS,
  'authentication_required',
  'action_denied',
  'too_many_attempts',
  'authorization_unavailable',
]
const BODY_ERRORS: readonly HttpErrorCode[] = [
  'unsupported_media_type',
  'body_too_large',
  'body_aborted',
  'body_unreadable',
]

/** Which refusals a route may answer with. */
export function toErrorCodes(route: ManagementRoute): readonly HttpErrorCode[] {
  const codes = new Set<HttpErrorCode>(route.action === null ? PUBLIC_ERRORS : AUTHORIZED_ERRORS)
  if (route.method !== 'GET') for (const code of ['origin_denied', ...BODY_ERRORS] as const) codes.add(code)
  for (const code of route.errors) codes.add(code)
  return [...codes]
}

/** The OpenAPI 3.1 document of the routes, made from the schemas that requests are checked by. It names no server. */
export function toOpenApi(routes: readonly ManagementRoute[], security: SecuritySchemes): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const route of routes) {
    const path = route.path.replace('/:id', '/{id}')
    const item = paths[path] ?? {}
    item[route.method.toLowerCase()] = toOperation(route, security)
    paths[path] = item
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hallpass',
      version: '1',
      description: 'Issue, verify, list, change and revoke access tokens.',
    },
    paths,
    components: { schemas: ANSWERS, securitySchemes: security },
  }
}

function toOperation(route: ManagementRoute, security: SecuritySchemes): JsonObject {
  return {
    operationId: route.name,
    summary: route.summary,
    parameters: toParameters(route),
    ...(route.body !== null && {
      requestBody: { required: true, content: { 'application/json': { schema: toJsonSchema(route.body) } } },
    }),
    responses: toResponses(route),
    security: route.action === null ? [] : Object.keys(security).map((name) => ({ [name]: [] })),
  }
}

function toParameters(route: ManagementRoute): JsonObject[] {
  const parameters: JsonObject[] = []
  if (route.path.includes(':id')) {
    parameters.push({ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } })
  }
  const { properties, required } = toJsonSchema(route.query)
  const needed = Array.isArray(required) ? required : []
  for (const [name, schema] of Object.entries(isObject(properties) ? properties : {})) {
    parameters.push({ name, in: 'query', required: needed.includes(name), schema })
  }
  if (route.takesIdempotencyKey) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'the same key with the same body gives the same token',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    })
  }
  return parameters
}

function toResponses(route: ManagementRoute): JsonObject {
  const type = route.answer === 'Jwks' ? 'application/jwk-set+json' : 'application/json'
  const responses: Record<string, JsonObject> = {
    [route.status]: {
      description: route.summary,
      content: { [type]: { schema: { $ref: `#/components/schemas/${route.answer}` } } },
    },
  }
  for (const [status, codes] of groupByStatus(toErrorCodes(route))) {
    responses[status] = {
      description: codes.join(', '),
      ...(HEADERS[status] !== undefined && { headers: HEADERS[status] }),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    }
  }
  return responses
}

const HEADERS: Readonly<Record<string, JsonObject>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' } } },
  429: { 'Retry-After': { schema: { type: 'integer' } } },
  503: { 'Retry-After': { schema: { type: 'integer' } } },
}

function groupByStatus(codes: readonly HttpErrorCode[]): ReadonlyMap<number, HttpErrorCode[]> {
  const groups = new Map<number, HttpErrorCode[]>()
  for (const code of codes) {
    const status = REQUEST_ERROR_STATUS[code]
    groups.set(status, [...(groups.get(status) ?? []), code])
  }
  return groups
}

/** What is sent: the schema's own words for it (`wire`), where it is checked by something else. */
function toJsonSchema(schema: z.ZodType): JsonObject {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema }) {
      const { wire } = jsonSchema
      if (typeof wire !== 'object' || wire === null) return
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      Object.assign(jsonSchema, wire)
    },
  })
  const { $schema: _dialect, ...rest } = JSON.parse(JSON.stringify(json))
  return rest
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
