import type { JsonObject } from '@hallpass/core'

const text = (more: JsonObject = {}): JsonObject => ({
  type: 'string',
  minLength: 1,
  maxLength: 255,
  ...more,
})
const time: JsonObject = { type: 'string', format: 'date-time' }
const uuid: JsonObject = { type: 'string', format: 'uuid' }
const expiry: JsonObject = {
  type: 'integer',
  minimum: 1,
  description: 'Life in seconds. Without it a token never expires, unless the server says otherwise.',
}
const toSchema = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` })
const toJson = (name: string): JsonObject => ({ 'application/json': { schema: toSchema(name) } })

const toOperation = (
  operationId: string,
  summary: string,
  answer: readonly [status: string, schema: string],
  more: JsonObject = {},
): JsonObject => ({
  operationId,
  summary,
  ...more,
  responses: {
    [answer[0]]: { description: summary, content: toJson(answer[1]) },
    ...Object.fromEntries(
      ['401', '404', '422', '503'].map((status) => [status, { $ref: '#/components/responses/Refusal' }]),
    ),
  },
})

const withBody = (schema: string): JsonObject => ({
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      description: 'The same key and body give the same token again.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  ],
  requestBody: { required: true, content: toJson(schema) },
})

const paging: readonly JsonObject[] = [
  { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 200, default: 200 } },
  {
    name: 'starting_after',
    in: 'query',
    description: 'The cursor in the `next` link of the page before.',
    schema: { type: 'string' },
  },
]

const toPathParameter = (name: string, schema: JsonObject, description: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  description,
  schema,
})

/** The document of `/v2`, without its servers. Written from what the API documents. */
export const OPENAPI: JsonObject = {
  openapi: '3.1.0',
  info: {
    title: 'MagicBell-compatible JwtService',
    version: '2.0.0',
    description: 'Project tokens manage the tokens of their project; user tokens say who a user is.',
  },
  security: [{ projectToken: [] }],
  paths: {
    '/jwt/project': {
      get: toOperation('fetchProjectTokens', 'Live project tokens, newest first.', ['200', 'TokenList'], {
        parameters: paging,
      }),
      post: toOperation(
        'createProjectJwt',
        'A new project token; its text is shown this once.',
        ['201', 'AccessToken'],
        withBody('CreateProjectTokenRequest'),
      ),
    },
    '/jwt/project/{token_id}': {
      delete: toOperation(
        'discardProjectJwt',
        'Revokes a project token at once; again and again gives the first time.',
        ['200', 'DiscardedToken'],
        { parameters: [toPathParameter('token_id', uuid, 'Id of the token.')] },
      ),
    },
    '/jwt/user': {
      post: toOperation(
        'createUserJwt',
        'A new token for a user; its text is shown this once.',
        ['201', 'AccessToken'],
        withBody('CreateUserTokenRequest'),
      ),
    },
    '/jwt/user/{id}': {
      get: toOperation('fetchUserTokens', "A user's live tokens, newest first.", ['200', 'TokenList'], {
        parameters: [toPathParameter('id', text(), 'Id, external id or email of the user.'), ...paging],
      }),
      delete: toOperation(
        'discardUserJwt',
        'Revokes a user token at once; again and again gives the first time.',
        ['200', 'DiscardedToken'],
        { parameters: [toPathParameter('id', uuid, 'Id of the token.')] },
      ),
    },
    '/me': {
      get: toOperation('fetchMe', 'Who the bearer of a user token is.', ['200', 'Me'], {
        security: [{ userToken: [] }],
      }),
    },
  },
  components: {
    securitySchemes: {
      projectToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      userToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
    responses: { Refusal: { description: 'A refusal.', content: toJson('Errors') } },
    schemas: {
      CreateProjectTokenRequest: {
        type: 'object',
        required: ['name'],
        properties: { name: text(), expiry },
      },
      CreateUserTokenRequest: {
        type: 'object',
        description: 'One of email and external_id is needed.',
        properties: { email: text({ format: 'email' }), external_id: text(), name: text(), expiry },
        anyOf: [{ required: ['email'] }, { required: ['external_id'] }],
      },
      AccessToken: {
        type: 'object',
        required: ['token', 'token_id', 'created_at'],
        properties: { token: { type: 'string' }, token_id: uuid, created_at: time, expires_at: time },
      },
      TokenMetadata: {
        type: 'object',
        required: ['id', 'created_at'],
        properties: { id: uuid, name: { type: 'string' }, created_at: time, expires_at: time },
      },
      TokenList: {
        type: 'object',
        required: ['tokens', 'data', 'links'],
        properties: {
          tokens: { type: 'array', items: toSchema('TokenMetadata') },
          data: { type: 'array', items: toSchema('TokenMetadata') },
          links: {
            type: 'object',
            required: ['first'],
            properties: {
              first: { type: 'string', format: 'uri-reference' },
              next: { type: 'string', format: 'uri-reference' },
              prev: { type: 'string', format: 'uri-reference' },
            },
          },
        },
      },
      DiscardedToken: {
        type: 'object',
        required: ['token_id', 'discarded_at'],
        properties: { token_id: uuid, discarded_at: time },
      },
      Me: {
        type: 'object',
        required: ['id'],
        properties: { id: uuid, email: { type: 'string' }, external_id: { type: 'string' } },
      },
      Errors: {
        type: 'object',
        required: ['errors'],
        properties: {
          errors: {
            type: 'array',
            items: {
              type: 'object',
              required: ['code', 'message'],
              properties: {
                code: { type: 'string' },
                message: { type: 'string' },
                suggestion: { type: 'string' },
              },
            },
          },
        },
      },
    },
  },
}
