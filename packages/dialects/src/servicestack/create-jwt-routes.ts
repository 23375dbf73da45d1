import type { TokenService } from '@hallpass/core'
import {
  type HttpRequest,
  type HttpResponse,
  hasBody,
  type IdentifyCaller,
  type ReportError,
  type Route,
  RouteError,
  readBearer,
  waitForBody,
} from '@hallpass/http'
import { DIALECT_BODY_BYTES } from '../read-json.ts'
import { type Operation, PRIVATE_HEADERS, writeAnswer } from './answer.ts'
import { type CreateJwtRules, createJwts } from './create-jwt.ts'
import { CREATE_JWT_FIELDS } from './fields.ts'
import { toRefusalAnswer } from './refusal-answer.ts'
import { type RequestShape, readSources } from './request-sources.ts'
import { readResponseFormat } from './response-format.ts'

const CREATE_JWT: Operation = { name: 'CreateJwt', result: 'token' }
const FORMATS: readonly string[] = ['json', 'xml', 'jsv', 'csv']
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const ALLOW = METHODS.join(', ')
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'same-site', 'none'])

/** In lower case, as paths are looked up. */
const REPLIES: readonly string[] = FORMATS.map((format) => `/${format}/reply/createjwt`)
const ENDINGS: readonly string[] = ['', ...FORMATS.map((format) => `.${format}`)]
const SINGLE: readonly string[] = [
  ...ENDINGS.flatMap((ending) => [`/jwt${ending}`, `/api/createjwt${ending}`]),
  ...REPLIES,
]
const BATCH: readonly string[] = [
  ...ENDINGS.map((ending) => `/api/createjwt[]${ending}`),
  ...REPLIES.map((path) => `${path}[]`),
]

/** CreateJwt by every path that it has, and with every verb; batches by POST. */
export function createJwtRoutes(
  service: TokenService,
  identify: IdentifyCaller,
  rules: CreateJwtRules,
  report: ReportError,
): readonly Route[] {
  const respondWith =
    (isBatch: boolean): Route['respond'] =>
    async (call) => {
      const { request } = call
      if (request.method === 'OPTIONS' && !request.headers.has('authorization')) return toAllow()
      const format = readResponseFormat(request)
      try {
        assertSite(request)
        if (hasBody(request.headers)) await waitForBody(request, DIALECT_BODY_BYTES)
        const principal = await identify('issue', request)
        const shape: RequestShape = { name: CREATE_JWT.name, fields: CREATE_JWT_FIELDS, isBatch }
        const tokens = await createJwts(service, principal, rules, await readSources(call, shape))
        const answers = tokens.map((token) => ({ token }))
        const [only = {}] = answers
        return writeAnswer(format, CREATE_JWT, 200, isBatch ? answers : only)
      } catch (error) {
        return toRefusalAnswer(error, format, CREATE_JWT, report)
      }
    }
  const single = respondWith(false)
  const batch = respondWith(true)
  return [
    ...SINGLE.flatMap((path) => METHODS.map((method) => ({ method, path, respond: single }))),
    ...BATCH.map((path) => ({ method: 'POST', path, respond: batch })),
  ]
}

/**
 * A page of another site can make a browser send these with its user's credentials, and may be able to read something
 * of the answer. Nobody but a program adds a Bearer header.
 * @see Fetch Metadata, section 2.3
 */
function assertSite({ method, headers }: HttpRequest): void {
  if (method !== 'GET' && method !== 'HEAD') return
  if (readBearer(headers.get('authorization') ?? []) !== null) return
  if ((headers.get('sec-fetch-site') ?? []).every((site) => OWN_SITES.has(site))) return
  throw new RouteError('origin_denied', 'pages of other sites may not do this')
}

/** Without credentials it is a question about the resource, as browsers ask it before a request. */
function toAllow(): HttpResponse {
  return { status: 204, headers: { ...PRIVATE_HEADERS, allow: ALLOW }, body: null }
}
