import type { JsonObject } from '@hallpass/core'

const error = (description: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
})

const ERRORS: JsonObject = {
  '400': error('The request cannot be understood.'),
  '401': error('The access token is missing or not good.'),
  '404': error('There is no such service, or it is not yours.'),
  '503': error('Try again later.'),
}

const SERVICE_ID: JsonObject = {
  name: 'serviceId',
  in: 'path',
  required: true,
  description: 'Id of the CDN service.',
  schema: { type: 'string' },
}

const answer = (description: string, name: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
})

const SECONDS: JsonObject = { type: 'integer', format: 'int64', minimum: 1 }

/** The OpenAPI 3.1 document of the service API. @param base the URL of the mount, without a slash at its end */
export function createServiceDocument(base: string): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'CDN service tokens',
      version: '1',
      description: 'Tokens that open the files of a CDN service.',
    },
    servers: [{ url: `${base}/` }],
    security: [{ oauth2: [] }],
    paths: {
      '/service/{serviceId}/jwt': {
        parameters: [SERVICE_ID],
        post: {
          operationId: 'generateJwt',
          summary: 'Make a token.',
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/JwtRequest' } } },
          },
          responses: { '200': answer('The token and what it says.', 'Jwt'), ...ERRORS },
        },
      },
      '/service/{serviceId}/jwt/{token}': {
        parameters: [
          SERVICE_ID,
          {
            name: 'token',
            in: 'path',
            required: true,
            description: 'The token.',
            schema: { type: 'string' },
          },
        ],
        get: {
          operationId: 'verifyJwt',
          summary: 'Look at a token.',
          responses: {
            '201': answer('What the token says, and whether it is good now.', 'Verified'),
            ...ERRORS,
          },
        },
      },
    },
    components: {
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: `${base}/connect/token`, scopes: {} } },
        },
      },
      schemas: SCHEMAS,
    },
  }
}

const SCHEMAS: JsonObject = {
  JwtRequest: {
    type: 'object',
    additionalProperties: false,
    properties: {
      exp: { ...SECONDS, description: 'When it ends, in seconds since 1970. Absent = never.' },
      file: {
        type: 'string',
        description: 'What it opens; with a slash at its end also all below. Absent = all.',
      },
      ip: { type: 'string', description: 'The only address that may use it.' },
      nbf: { ...SECONDS, description: 'When it begins, in seconds since 1970.' },
    },
  },
  Jwt: {
    type: 'object',
    required: ['file', 'iat', 'iss', 'sub', 'token', 'tokenSHA256Hash'],
    properties: {
      exp: SECONDS,
      file: { type: 'string', description: 'Begins with the vhost of the service.' },
      iat: SECONDS,
      ip: { type: 'string' },
      iss: { type: 'string' },
      nbf: SECONDS,
      sub: { type: 'string', description: 'The service.' },
      token: { type: 'string' },
      tokenSHA256Hash: { type: 'string', description: 'In small hex digits.' },
    },
  },
  Verified: {
    type: 'object',
    required: ['token', 'valid'],
    properties: {
      claims: { type: 'object', description: 'Only of a token that is well signed.' },
      token: { type: 'string' },
      valid: { type: 'boolean' },
    },
  },
  Error: {
    type: 'object',
    required: ['code', 'message'],
    properties: { code: { type: 'integer' }, message: { type: 'string' } },
  },
}
