import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstOf, managementHandler, tokenAuthorizer } from '../src/index.ts'
import { ADMIN, createRequest, createService } from './management-call.ts'

const service = await createService()
const { token, record } = await service.issue({ scope: ['hallpass'], credits: 3 })

const faults: unknown[] = []
const handlers = [
  managementHandler(service, { authorize: () => ADMIN, onError: (error) => faults.push(error) }),
  managementHandler(service, {
    authorize: firstOf(tokenAuthorizer(service), () => ({
      ...ADMIN,
      projects: ['default'],
      subjects: ['ada', 'bob'],
    })),
    onError: (error) => faults.push(error),
  }),
]

const member = fc.constantFrom(
  'project',
  'subject',
  'name',
  'application',
  'notBefore',
  'expiresIn',
  'expiresAt',
  'ip',
  'paths',
  'scope',
  'httpMethods',
  'credits',
  'pool',
  'claims',
  'uniqueName',
  'link',
  'token',
  'target',
  'method',
  '__proto__',
)
const fitting = fc.constantFrom<unknown>(
  '6 hours',
  3600,
  ['/files/'],
  ['files.read'],
  ['GET'],
  { add: 1 },
  '/files/a',
  token,
  null,
  true,
  '2030-01-01T00:00:00Z',
)
const json = fc
  .array(fc.tuple(member, fc.oneof(fitting, fc.jsonValue({ maxDepth: 3 }))), { maxLength: 5 })
  .map(
    (members) =>
      `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  )
const body = fc.oneof({ weight: 4, arbitrary: json }, fc.json(), fc.string({ unit: 'binary' }))
const query = fc
  .array(
    fc.tuple(fc.oneof(member, fc.string({ unit: 'grapheme-ascii' })), fc.string({ unit: 'grapheme-ascii' })),
    {
      maxLength: 3,
    },
  )
  .map((pairs) =>
    pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`,
  )
const path = fc.oneof(
  fc.constantFrom(
    '/',
    '',
    '/verify',
    '/usage',
    '/jwks.json',
    '/openapi.json',
    `/${record.id}`,
    `/${record.id}/`,
  ),
  fc.string({ unit: 'binary-ascii' }).map((text) => `/${text}`),
)
const headers = fc.array(
  fc.tuple(
    fc.constantFrom('authorization', 'content-type', 'idempotency-key', 'origin', 'sec-fetch-site'),
    fc.oneof(
      fc.constantFrom(`Bearer ${token}`, 'application/json', 'same-origin'),
      fc.string({ unit: 'binary-ascii' }),
    ),
  ),
  { maxLength: 3 },
)
const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PUT', 'get')

test('whatever is sent, the answer is a success or a refusal that can be read', async () => {
  await fc.assert(
    fc.asyncProperty(
      method,
      path,
      query,
      headers,
      body,
      fc.boolean(),
      async (verb, where, asked, sent, text, isJson) => {
        const all = isJson ? [...sent, ['content-type', 'application/json'] as const] : sent
        for (const handler of handlers) {
          const response = await handler(
            createRequest(verb, `${where}${asked}`, { headers: all, bytes: Buffer.from(text) }),
          )
          expect(response.status).toBeLessThan(500)
          if (response.status >= 400) {
            expect(JSON.parse(String(response.body))).toMatchObject({
              error: expect.stringMatching(/^[a-z_]+$/),
              message: expect.stringMatching(/./),
            })
          }
          expect(faults).toEqual([])
        }
      },
    ),
    { numRuns: 1500 },
  )
})
