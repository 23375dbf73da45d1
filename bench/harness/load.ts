import { connect, type Socket } from 'node:net'

/** A request as it goes over the wire, and the status that is the right answer. */
export interface PreparedRequest {
  readonly bytes: Buffer
  readonly expected: number
}

export interface LoadResult {
  /** Answers. */
  readonly requests: number
  /** Answers other than expected, by `expected → got`. */
  readonly wrong: ReadonlyMap<string, number>
  /** From the first request to the last answer. */
  readonly seconds: number
}

/** Clients that each send a request, wait for the answer and send the next; their connections stay open. */
export interface Load {
  /** How many requests there are, which are sent in rotation. */
  readonly size: number
  /** Goes on where the last run stopped. What is under way when the time is over is waited for. */
  run(ms: number): Promise<LoadResult>
  /** Every prepared request exactly once. */
  runOnce(): Promise<LoadResult>
  close(): void
}

export interface LoadOptions {
  readonly port: number
  readonly connections: number
  /** Sent in this order, in rotation over all connections. */
  readonly requests: readonly PreparedRequest[]
}

const LENGTH = /\r\ncontent-length: *(\d+)/i
const CHUNKED = /\r\ntransfer-encoding: *chunked/i
const LAST_CHUNK = '\r\n0\r\n\r\n'
const READ_BYTES = 65_536

export function createLoad({ port, connections, requests }: LoadOptions): Load {
  let at = 0
  let left = 0
  let deadline = 0
  let answers = 0
  let wrong = new Map<string, number>()
  let busy = 0
  let finish: { resolve: () => void; reject: (error: Error) => void } | null = null

  function next(): PreparedRequest | null {
    if (left === 0 || performance.now() >= deadline) return null
    left -= 1
    const request = requests[at]
    if (request === undefined) throw new Error('a load needs requests')
    at = at + 1 === requests.length ? 0 : at + 1
    return request
  }

  const clients = Array.from({ length: connections }, () =>
    createClient(port, {
      next,
      answered(expected, got) {
        answers += 1
        if (got === expected) return
        const what = `${expected} → ${got}`
        wrong.set(what, (wrong.get(what) ?? 0) + 1)
      },
      idle() {
        busy -= 1
        if (busy === 0) finish?.resolve()
      },
      failed: (error) => finish?.reject(error),
    }),
  )

  async function drive(ms: number, count: number): Promise<LoadResult> {
    await Promise.all(clients.map((client) => client.open()))
    answers = 0
    wrong = new Map()
    left = count
    busy = clients.length
    const started = performance.now()
    deadline = started + ms
    try {
      await new Promise<void>((resolve, reject) => {
        finish = { resolve, reject }
        for (const client of clients) client.start()
        stayAwake()
      })
    } finally {
      finish = null
    }
    return { requests: answers, wrong, seconds: (performance.now() - started) / 1000 }
  }

  /**
   * Turns the event loop without a pause. Whoever writes to a process that sleeps pays for waking it, on another core of
   * a virtual machine 3 to 5 µs: a server that its clients cannot keep up with would pay nothing, a slower one each time.
   */
  function stayAwake(): void {
    if (finish !== null) setImmediate(stayAwake)
  }

  return {
    size: requests.length,
    run: (ms) => drive(ms, Number.POSITIVE_INFINITY),
    runOnce: () => drive(Number.POSITIVE_INFINITY, requests.length),
    close() {
      for (const client of clients) client.close()
    },
  }
}

interface ClientSettings {
  /** Null = it is over. */
  next(): PreparedRequest | null
  answered(expected: number, got: number): void
  idle(): void
  failed(error: Error): void
}

interface Client {
  /** Connects, or connects again where the server has hung up between two runs. */
  open(): Promise<void>
  start(): void
  close(): void
}

function createClient(port: number, { next, answered, idle, failed }: ClientSettings): Client {
  let socket: Socket | null = null
  let current: PreparedRequest | null = null
  /** The beginning of an answer that came in several reads. One latin1 character is one byte. */
  let begun = ''

  function send(): void {
    current = next()
    if (current === null) idle()
    else socket?.write(current.bytes)
  }

  function read(text: string): void {
    const length = answerLength(text)
    if (length > text.length) {
      begun = text
    } else if (current === null || length < text.length) {
      failed(new Error('the server sent more than the answer to a request'))
    } else {
      begun = ''
      answered(current.expected, Number(text.slice(9, 12)))
      send()
    }
  }

  return {
    open() {
      if (socket !== null) return Promise.resolve()
      // One for all reads of the connection: this process shares the machine with what it measures.
      const buffer = Buffer.allocUnsafe(READ_BYTES)
      return new Promise((resolve, reject) => {
        const opened = connect({
          port,
          host: '127.0.0.1',
          noDelay: true,
          onread: {
            buffer,
            callback(bytes) {
              read(begun + buffer.toString('latin1', 0, bytes))
              return true
            },
          },
        })
        socket = opened
        opened.once('connect', resolve)
        opened.once('error', reject)
        opened.once('close', () => {
          socket = null
          begun = ''
          if (current !== null) failed(new Error('the server hung up during a request'))
        })
      })
    },
    start: send,
    close() {
      current = null
      socket?.destroy()
    },
  }
}

/** How long the answer that `text` begins with is; infinite = not known yet. 0 = it has no length at all. */
function answerLength(text: string): number {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return Number.POSITIVE_INFINITY
  const head = text.slice(0, end)
  const length = LENGTH.exec(head)?.[1]
  if (length !== undefined) return end + 4 + Number(length)
  if (!CHUNKED.test(head)) return 0
  // Our bodies are JSON, which never ends like this by itself; and nothing follows before the next request.
  return text.endsWith(LAST_CHUNK) ? text.length : Number.POSITIVE_INFINITY
}

/** @param request its headers are whole lines, without their ends */
export function prepareRequest(
  request: {
    readonly method: string
    readonly path: string
    readonly headers: readonly string[]
    readonly body?: string
  },
  expected: number,
): PreparedRequest {
  const { method, path, headers, body } = request
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: bench.example',
    'Accept: application/json',
    ...headers,
    ...(body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
  ]
  return { bytes: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`), expected }
}
