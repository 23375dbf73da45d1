import { UnsupportedMediaTypeException } from '@nestjs/common'

/** Marks a route whose body nobody may parse: Nest hands the config of a route to Fastify. */
export const RAW_BODY: { readonly metadata: string; readonly config: Readonly<Record<string, unknown>> } = {
  // The key of `RouteConfig()` in @nestjs/platform-fastify, which Express users do not install.
  metadata: '__fastify_route_config__',
  config: { hallpassRawBody: true },
}

/** A type that no client can reach: its parser takes only requests that were marked on their way in. */
const RAW_TYPE = 'application/vnd.hallpass.raw'

interface FastifyRequest {
  headers: Record<string, unknown>
}

type PreParsing = (
  request: FastifyRequest,
  reply: unknown,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
) => void

type PreValidation = (request: FastifyRequest, reply: unknown, done: () => void) => void

interface FastifyRoute {
  readonly handler: object
  readonly config?: { readonly hallpassRawBody?: unknown }
  preParsing?: PreParsing | PreParsing[]
  preValidation?: PreValidation | PreValidation[]
}

/** What is used of a Fastify instance. */
export interface FastifyInstance {
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): unknown
  addContentTypeParser(
    type: string,
    parser: (request: FastifyRequest, payload: unknown, done: (error: Error | null) => void) => void,
  ): unknown
}

const prepared = new WeakSet<FastifyInstance>()

/**
 * Leaves the bodies of marked routes unread, whatever their type, so that a handler gets the bytes that were sent.
 * Fastify chooses a parser by the type, so a marked route has another type while its parser is chosen. Parsers of
 * the application and all other routes are not touched.
 */
export function keepBodiesRaw(fastify: FastifyInstance): void {
  if (prepared.has(fastify)) return
  prepared.add(fastify)
  const typeBefore = new WeakMap<FastifyRequest, unknown>()

  fastify.addContentTypeParser(RAW_TYPE, (request, _payload, done) => {
    done(typeBefore.has(request) ? null : new UnsupportedMediaTypeException())
  })
  fastify.addHook('onRoute', (route) => {
    if (!isMarked(route)) return
    const hide: PreParsing = (request, _reply, payload, done) => {
      typeBefore.set(request, request.headers['content-type'])
      request.headers = { ...request.headers, 'content-type': RAW_TYPE }
      done(null, payload)
    }
    const show: PreValidation = (request, _reply, done) => {
      request.headers = { ...request.headers, 'content-type': typeBefore.get(request) }
      done()
    }
    route.preParsing = [hide, ...toArray(route.preParsing)]
    route.preValidation = [show, ...toArray(route.preValidation)]
  })
}

// Nest 11 gives Fastify no config with a route for all methods; its handler has the metadata then.
function isMarked({ config, handler }: FastifyRoute): boolean {
  if (config?.hallpassRawBody === true) return true
  return Reflect.getMetadata(RAW_BODY.metadata, handler) === RAW_BODY.config
}

function toArray<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
