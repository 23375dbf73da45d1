import type { JsonObject } from '@hallpass/core'

/** The OpenAPI 3.1 document of GetJWT in JSON. */
export const USER_ADMIN_OPENAPI: JsonObject = {
  openapi: '3.1.0',
  info: {
    title: 'UserAdmin',
    version: '1.0',
    description: 'Tokens for the methods of an account, limited by time, address, method and credits.',
  },
  // Relative to this document (OpenAPI 3.1, 4.8.5): two folders up is the mount.
  servers: [{ url: '../..' }],
  paths: {
    '/UserAdmin/GetJWT.json': {
      post: {
        operationId: 'GetJWT',
        summary: 'A token for the methods of an account',
        description: 'Costs nothing, but the account must have credits.',
        security: [],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/GetJWTRequest' } } },
        },
        responses: {
          '200': toAnswer('A token, or the reason why there is none'),
          '503': toAnswer('Accounts or tokens cannot be looked up now'),
        },
      },
    },
  },
  components: {
    schemas: {
      GetJWTRequest: {
        type: 'object',
        required: ['username', 'password', 'expiresAt'],
        additionalProperties: false,
        properties: {
          username: { type: 'string', maxLength: 256 },
          password: { type: 'string', maxLength: 256 },
          clientIp: {
            type: ['string', 'null'],
            description: 'The only address it may be used from; blank = any',
          },
          expiresAt: { type: 'string', format: 'date-time', description: 'Without a zone: UTC' },
          allowedMethods: {
            type: ['array', 'null'],
            maxItems: 64,
            items: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)?$' },
            description: 'Service or Service.Method; none = all',
          },
          maxCredits: { type: ['integer', 'null'], minimum: 1, description: 'Null = no limit of its own' },
          options: {
            type: ['object', 'null'],
            properties: {
              ApplicationName: {
                type: ['string', 'null'],
                maxLength: 128,
                description: 'What usage is reported by',
              },
            },
            additionalProperties: true,
          },
        },
      },
      JWTOutput: {
        type: 'object',
        required: ['Status'],
        properties: {
          Status: { $ref: '#/components/schemas/ResultStatus' },
          Jwt: { type: 'string', description: 'Only on success' },
        },
      },
      ResultStatus: {
        type: 'object',
        required: ['Success', 'ErrorMessage', 'CreditsRemaining'],
        properties: {
          Success: { type: 'boolean' },
          ErrorMessage: { type: 'string', description: 'Empty on success' },
          CreditsRemaining: { type: 'integer', description: '0 where it is not known' },
        },
      },
    },
  },
}

function toAnswer(description: string): JsonObject {
  return {
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/JWTOutput' } } },
  }
}
