import type { JsonObject } from '@hallpass/core'

const error = (description: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/OAuthError' } } },
})

/**
 * The OpenAPI 3.1 document of the token endpoint.
 * @param base the URL of the mount, without a slash at its end
 * @see RFC 6749 sections 4.4 and 5
 */
export function createTokenDocument(base: string): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title: 'Token endpoint', version: '1', description: 'Access tokens for client credentials.' },
    servers: [{ url: `${base}/` }],
    paths: {
      '/connect/token': {
        post: {
          operationId: 'requestToken',
          summary: 'Trade client credentials for an access token.',
          security: [{ basic: [] }, {}],
          requestBody: {
            required: true,
            content: {
              'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/TokenRequest' } },
            },
          },
          responses: {
            '200': {
              description: 'An access token.',
              content: { 'application/json': { schema: { $ref: '#/components/schemas/AccessToken' } } },
            },
            '400': error('The request cannot be understood.'),
            '401': error('The client is not known, or its secret is wrong.'),
            '429': error('Too many credentials are being checked at once.'),
            '503': error('Try again later.'),
          },
        },
      },
    },
    components: {
      securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
      schemas: {
        TokenRequest: {
          type: 'object',
          required: ['grant_type'],
          properties: {
            grant_type: { type: 'string', enum: ['client_credentials'] },
            client_id: { type: 'string' },
            client_secret: {
              type: 'string',
              description: 'Here or in the Authorization header, not in both.',
            },
            scope: { type: 'string' },
          },
        },
        AccessToken: {
          type: 'object',
          required: ['access_token', 'token_type', 'expires_in'],
          properties: {
            access_token: { type: 'string' },
            token_type: { type: 'string' },
            expires_in: { type: 'integer' },
            scope: { type: 'string' },
          },
        },
        OAuthError: {
          type: 'object',
          required: ['error'],
          properties: { error: { type: 'string' }, error_description: { type: 'string' } },
        },
      },
    },
  }
}
