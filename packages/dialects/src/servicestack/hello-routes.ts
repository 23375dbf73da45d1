import type { TokenService } from '@hallpass/core'
import {
  authorizeBearer,
  type HttpRequest,
  type ReportError,
  type Route,
  type RoutedRequest,
  RouteError,
} from '@hallpass/http'
import { type Operation, writeAnswer } from './answer.ts'
import { bindRequest } from './bound-request.ts'
import { HELLO_FIELDS } from './fields.ts'
import { toRefusalAnswer } from './refusal-answer.ts'
import { readSources } from './request-sources.ts'
import { readResponseFormat } from './response-format.ts'
import { hasRole, SERVICESTACK_PROFILE } from './servicestack-profile.ts'

const HELLO: Operation = { name: 'Hello', result: 'result' }
const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const PATHS: readonly string[] = ['/hello', '/hello/:name', '/json/reply/hello', '/api/hello']

export interface HelloRules {
  /** The only project whose tokens are accepted; undefined = any. */
  readonly project: string | undefined
  /** What a token must name. */
  readonly role: string
}

/** Shows a token in use: greets whoever has one with the role. Costs nothing. */
export function createHelloRoutes(
  service: TokenService,
  rules: HelloRules,
  report: ReportError,
): readonly Route[] {
  const respond: Route['respond'] = async (call) => {
    const format = readResponseFormat(call.request)
    try {
      await assertRole(service, rules, call.request)
      const name = await readName(call)
      return writeAnswer(format, HELLO, 200, { result: `Hello, ${name}!` })
    } catch (error) {
      return toRefusalAnswer(error, format, HELLO, report)
    }
  }
  return PATHS.flatMap((path) => METHODS.map((method) => ({ method, path, respond })))
}

async function assertRole(service: TokenService, rules: HelloRules, request: HttpRequest): Promise<void> {
  const { claims } = await authorizeBearer(service, request, {
    profiles: [SERVICESTACK_PROFILE],
    ...(rules.project !== undefined && { project: rules.project }),
  })
  if (!hasRole(claims, rules.role)) throw new RouteError('action_denied', 'Invalid Role')
}

/** The last part of the path, else a field of the request. */
async function readName(call: RoutedRequest): Promise<string> {
  // Not of `params`, which are in lower case.
  const [, , name = ''] = call.path.split('/')
  if (call.params.name !== undefined) return decode(name)
  const shape = { name: HELLO.name, fields: HELLO_FIELDS, isBatch: false }
  const [sources = []] = await readSources(call, shape)
  return bindRequest(HELLO_FIELDS, sources).text('Name') ?? 'World'
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RouteError('invalid_request', 'the path is not well encoded')
  }
}
