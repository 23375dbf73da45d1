import { AccessDeniedError, type JsonObject, type TokenService } from '@hallpass/core'
import { type Awaitable, type HttpRequest, type ReportError, RouteError, requireBearer } from '@hallpass/http'
import { readJson, toMembers } from '../read-json.ts'
import { DATA8_PROFILE, toMethodScope } from './profile.ts'
import { type Answer, toFailure, toSuccess } from './status.ts'

/**
 * A method behind a token: reads what it is asked, and returns the work, which is done once its credit is spent. Its
 * answer is what stands beside `Status`.
 * @throws RouteError `invalid_request` for a request that is malformed: it costs nothing
 */
export type Data8Method = (input: Readonly<Record<string, unknown>>) => () => Awaitable<JsonObject>

const COST = 1

export interface CallOptions {
  readonly service: TokenService
  readonly project: string
  readonly report: ReportError
}

/**
 * Answers a call of a method: the token must be of the project, open the method, fit the address, and have a credit
 * left, and so must its account. Whatever is refused costs nothing.
 */
export async function callMethod(
  { service, project, report }: CallOptions,
  name: string,
  method: Data8Method,
  request: HttpRequest,
): Promise<Answer> {
  const token = requireBearer(request.headers)
  const work = method(await readInput(request))
  const decision = await service.authorize(token, {
    profiles: [DATA8_PROFILE],
    project,
    scope: [toMethodScope(name)],
    address: service.clientAddress(request.peer, (header) => request.headers.get(header) ?? []),
    target: request.originalTarget,
    method: request.method,
    cost: COST,
  })
  if (!decision.allowed) {
    if (decision.code === 'credits_exhausted') return toFailure(decision.message, decision.details?.remaining)
    throw new AccessDeniedError(decision)
  }
  const { spend } = decision
  try {
    const left = Math.min(spend?.remaining ?? Number.MAX_SAFE_INTEGER, spend?.poolRemaining ?? 0)
    return toSuccess(left, await work())
  } catch (error) {
    if (spend !== null) await service.refund(spend).catch((failed: unknown) => report(failed, 'data8 refund'))
    throw error
  }
}

async function readInput(request: HttpRequest): Promise<Readonly<Record<string, unknown>>> {
  const members = toMembers(await readJson(request))
  if (members === null) throw new RouteError('invalid_request', 'the body must be a JSON object')
  return members
}
