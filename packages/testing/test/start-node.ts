import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createNodeRequest, type Handler, managementHandler } from '@hallpass/http'
import { type Auth, createGuard, type Guard, type GuardResult, writeResponse } from '@hallpass/http/guard'
import { type HostGuard, type HostSetup, readServedFile, type StartHost, toEcho } from '../src/index.ts'

/** Ways to write an adapter wrongly, one at a time. */
export interface Mistakes {
  /** What is handed over instead of the raw target. */
  readonly target?: (raw: string) => string
  /** Changes the request before the guard sees it. */
  readonly incoming?: (incoming: IncomingMessage) => void
  /** What is done with a refusal instead of sending it. */
  readonly result?: (result: GuardResult) => GuardResult
  readonly auth?: (auth: Auth | null) => Auth | null | undefined
}

type Place = (incoming: IncomingMessage, outgoing: ServerResponse, below: string) => Promise<void>

/** A host on nothing but `node:http`, for the contract's own tests: the smallest adapter there can be. */
export function startNode(mistakes: Mistakes = {}): StartHost {
  return async (setup) => {
    const places = createNodePlaces(setup, mistakes)
    const server = createServer((incoming, outgoing) => {
      const target = incoming.url ?? ''
      const path = target.replace(/^https?:\/\/[^/]*/, '')
      const found = places.find(
        ([mount]) => path === mount || (/^[/?]/.test(path.slice(mount.length)) && path.startsWith(mount)),
      )
      if (found === undefined) {
        outgoing.writeHead(404).end()
        return
      }
      const [mount, place] = found
      place(incoming, outgoing, path.slice(mount.length)).catch(() => outgoing.writeHead(500).end())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return {
      port: typeof address === 'object' && address !== null ? address.port : 0,
      async close() {
        server.close()
        server.closeAllConnections()
        await once(server, 'close')
      },
    }
  }
}

function createNodePlaces(setup: HostSetup, mistakes: Mistakes): (readonly [string, Place])[] {
  const mount =
    (handler: Handler): Place =>
    async (incoming, outgoing, below) => {
      const parsedBody = setup.bodyParser === 'before' ? await parseJson(incoming) : undefined
      const request = createNodeRequest(incoming, {
        target: below,
        originalTarget: incoming.url ?? '',
        native: incoming,
        parsedBody,
      })
      writeResponse(await handler(request), outgoing, request.method)
    }
  return [
    ...setup.guards.map(
      (guard) => [`${setup.prefix}${guard.path}`, guardPlace(guard, setup, mistakes)] as const,
    ),
    ...setup.routes.map(
      ({ path, service, authorize }) =>
        [`${setup.prefix}${path}`, mount(managementHandler(service, { authorize }))] as const,
    ),
    ...setup.handlers.map(({ path, handler }) => [`${setup.prefix}${path}`, mount(handler)] as const),
  ]
}

function guardPlace({ service, options, serve }: HostGuard, setup: HostSetup, mistakes: Mistakes): Place {
  const guard: Guard<unknown> = setup.withoutGuard
    ? () => ({ pass: true, auth: null, headers: null })
    : createGuard(service, options)
  return async (incoming, outgoing, below) => {
    mistakes.incoming?.(incoming)
    const target = mistakes.target?.(incoming.url ?? '') ?? incoming.url ?? ''
    const decided = await guard(incoming, target, incoming)
    const result = mistakes.result?.(decided) ?? decided
    const method = incoming.method ?? ''
    if (!result.pass) return writeResponse(result.response, outgoing, method)
    for (const [name, value] of Object.entries(result.headers ?? {})) outgoing.setHeader(name, value)
    if (serve === 'echo') {
      const auth = mistakes.auth === undefined ? result.auth : mistakes.auth(result.auth)
      return writeResponse({ status: 200, headers: {}, body: JSON.stringify(toEcho(auth)) }, outgoing, method)
    }
    const file = await readServedFile(serve.directory, below)
    writeResponse({ status: file === null ? 404 : 200, headers: {}, body: file }, outgoing, method)
  }
}

/** As body parsers do: reads what says it is JSON, and leaves anything else alone. */
async function parseJson(incoming: IncomingMessage): Promise<unknown> {
  if (incoming.headers['content-type'] !== 'application/json') return undefined
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return null
  }
}
