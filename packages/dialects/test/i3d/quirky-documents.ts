/**
 * The two documents as i3D spells such things, which is not quite OpenAPI 3.1: `type` beside `name` in parameters,
 * without a schema, and an OAuth2 flow called `application`. Clients that exist have read such documents.
 */
const securitySchemes = (base: string): object => ({
  oauth2: {
    type: 'oauth2',
    flow: 'application',
    flows: { application: { tokenUrl: `${base}/connect/token`, scopes: {} } },
  },
})

export function createQuirkyServiceDocument(base: string): object {
  const serviceId = { name: 'serviceId', type: 'string', in: 'path', required: true }
  return {
    openapi: '3.1.0',
    info: { title: 'CDN', version: '1.0' },
    servers: [{ url: `${base}/` }],
    security: [{ oauth2: [] }],
    paths: {
      '/service/{serviceId}/jwt': {
        post: {
          operationId: 'generateJwt',
          parameters: [serviceId],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: {
                    exp: { type: 'int', format: 'int64' },
                    file: { type: 'string' },
                    ip: { type: 'string' },
                    nbf: { type: 'int', format: 'int64' },
                  },
                },
              },
            },
          },
          responses: { 200: { description: 'OK' } },
        },
      },
      '/service/{serviceId}/jwt/{token}': {
        get: {
          operationId: 'verifyJwt',
          parameters: [serviceId, { name: 'token', type: 'string', in: 'path', required: true }],
          responses: { 201: { description: 'Created' } },
        },
      },
    },
    components: { securitySchemes: securitySchemes(base) },
  }
}

export function createQuirkyTokenDocument(base: string): object {
  return {
    openapi: '3.1.0',
    info: { title: 'Identity', version: '1.0' },
    servers: [{ url: `${base}/` }],
    paths: {
      '/connect/token': {
        post: {
          operationId: 'requestToken',
          parameters: [{ name: 'x-trace', type: 'string', in: 'header', required: false }],
          requestBody: {
            required: true,
            content: {
              'application/x-www-form-urlencoded': {
                schema: {
                  type: 'object',
                  properties: {
                    grant_type: { type: 'string' },
                    client_id: { type: 'string' },
                    client_secret: { type: 'string' },
                  },
                },
              },
            },
          },
          responses: { 200: { description: 'OK' } },
        },
      },
    },
    components: { securitySchemes: securitySchemes(base) },
  }
}
