import { connect } from 'node:net'

/** A request as it goes over the wire. The target is sent as it stands, one byte for each character. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  /** `[name, value]`, in order, also twice. `host`, `connection: close` and `content-length` are added. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array
}

export interface RawAnswer {
  /** 0 = the connection ended, or nothing came for five seconds. */
  readonly status: number
  /** Lower-case name → all its values. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Buffer
}

const TIMEOUT_MS = 5000

/** One request and its answer on a socket of its own: no client library that would tidy the target up. */
export function exchange(port: number, request: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(toBytes(request)))
    const finish = (): void => {
      socket.destroy()
      resolve(toAnswer(Buffer.concat(chunks)))
    }
    socket.setTimeout(TIMEOUT_MS, finish)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('end', finish)
    socket.on('error', finish)
  })
}

/** Sends the beginning of a request and goes away. Resolves when the socket is closed on this side. */
export function abandon(port: number, request: RawRequest, bytesLeftOut: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const bytes = toBytes(request)
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes.subarray(0, bytes.length - bytesLeftOut), () => socket.destroy())
    })
    socket.on('close', () => resolve())
    socket.on('error', reject)
  })
}

function toBytes({ method, target, headers = [], body }: RawRequest): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close']
  for (const [name, value] of headers) lines.push(`${name}: ${value}`)
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body)
  if (body !== undefined) lines.push(`Content-Length: ${bytes.length}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}

function toAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return { status: 0, headers: new Map(), body: Buffer.alloc(0) }
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  const rest = bytes.subarray(end + 4)
  const chunked = headers.get('transfer-encoding')?.includes('chunked') ?? false
  return { status: Number(statusLine.split(' ')[1]), headers, body: chunked ? joinChunks(rest) : rest }
}

function joinChunks(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = lineEnd === -1 ? 0 : Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    if (!(size > 0)) return Buffer.concat(parts)
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
