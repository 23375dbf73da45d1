import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

/** A request as Node's parser hands it over: lines in `rawHeaders`, the first of two Authorization lines in `headers`. */
export function createIncoming(
  lines: readonly (readonly [string, string])[] = [],
  options: { readonly method?: string; readonly peer?: string } = {},
): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: options.peer ?? '127.0.0.1' })
  const incoming = new IncomingMessage(socket)
  incoming.method = options.method ?? 'GET'
  incoming.rawHeaders = lines.flat()
  for (const [name, value] of lines) incoming.headers[name.toLowerCase()] ??= value
  return incoming
}
