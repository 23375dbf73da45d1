import type { Auth } from '@hallpass/http/guard'
import type { ContextType, ExecutionContext } from '@nestjs/common'

/** A request of Express or Fastify behind a `TokenGuard`. Undefined where no guard has let it in. */
export interface AuthedRequest {
  /** Null where the guard is optional and no token came. */
  auth?: Auth | null
}

/** One decision of one guard, so that the same guard, named twice, decides and charges once. */
export interface Admission {
  readonly auth: Auth | null
  readonly handler: object
  /** What decided: guard class, service and options. */
  readonly by: readonly unknown[]
}

const ADMISSION: unique symbol = Symbol('hallpass admission')

interface KeptAdmission {
  readonly request: object
  readonly admission: Admission
}

/** Of messages and calls, whose objects are the application's own. */
const admissions = new WeakMap<object, Admission>()

/**
 * The token that a `TokenGuard` has let in, for interceptors, pipes and decorators of your own.
 * @returns null = optional, and no token came; undefined = public, or no guard
 */
export function readAuth(context: ExecutionContext): Auth | null | undefined {
  return readAdmission(context)?.auth
}

export function readAdmission(context: ExecutionContext): Admission | undefined {
  const carrier = toCarrier(context)
  if (carrier === null) return undefined
  if (!isRequest(context, carrier)) return admissions.get(carrier)
  const kept = carrier[ADMISSION]
  // A copy of a request, or one that inherits from it, is another request: it may ask for another path.
  return kept?.request === carrier ? kept.admission : undefined
}

/** Keeps the decision for the rest of this request; an HTTP request also gets it as `request.auth`. */
export function keepAdmission(context: ExecutionContext, admission: Admission): void {
  const carrier = toCarrier(context)
  if (carrier === null) return
  if (isRequest(context, carrier)) {
    // On the request itself: an entry in a WeakMap for each request is work for every garbage collection.
    carrier[ADMISSION] = { request: carrier, admission }
    carrier.auth = admission.auth
  } else admissions.set(carrier, admission)
}

function isRequest(
  context: ExecutionContext,
  _carrier: object,
): _carrier is AuthedRequest & { [ADMISSION]?: KeptAdmission } {
  return context.getType() === 'http'
}

/** The object that lives as long as one request: of the arguments that Nest hands to the handler's kind. */
function toCarrier(context: ExecutionContext): object | null {
  const args: readonly unknown[] = context.getArgs()
  const candidates = CARRIERS[context.getType<ContextType | 'graphql'>()] ?? [0]
  for (const index of candidates) {
    const value = args[index]
    if (typeof value === 'object' && value !== null) return value
  }
  return null
}

/** The request; a message's data, else its client; a call's context; the context value of a GraphQL operation. */
const CARRIERS: Readonly<Record<string, readonly number[]>> = {
  http: [0],
  ws: [1, 0],
  rpc: [1],
  graphql: [2],
}
