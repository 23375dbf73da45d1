import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { doBackgroundWork } from './background.ts'

/** What a parent asks of a server, and what it is told. */
export interface Question {
  readonly number: number
  readonly name: string
  readonly input: unknown
}
export type Told =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'error'; readonly number: number; readonly message: string }

export interface Served {
  /** Absent = nothing listens; the process does what its commands say. */
  readonly server?: Server
  readonly commands?: Readonly<Record<string, (input: unknown) => unknown>>
  close?(): Promise<void>
}

/**
 * The child's side of `startServer`: listens on a port of the loopback, answers what its parent asks, and ends with
 * it. The setup is the first argument, as JSON.
 */
export async function serve<Setup>(start: (setup: Setup) => Served | Promise<Served>): Promise<void> {
  const { server, commands = {}, close } = await start(JSON.parse(process.argv[2] ?? 'null') as Setup)

  async function answer({ number, name, input }: Question): Promise<void> {
    try {
      tell({ kind: 'answer', number, answer: await obey(name, input) })
    } catch (error) {
      tell({ kind: 'error', number, message: error instanceof Error ? (error.stack ?? '') : String(error) })
    }
  }

  async function obey(name: string, input: unknown): Promise<unknown> {
    if (name === 'cpu') {
      const { user, system } = process.cpuUsage()
      return user + system
    }
    if (name === 'memory') return process.memoryUsage.rss()
    if (name === 'background') return doBackgroundWork()
    if (name === 'close') return close?.()
    const command = commands[name]
    if (command === undefined) throw new Error(`this server has no command ${name}`)
    return command(input)
  }

  process.on('message', (question) => void answer(question as Question))
  // Nobody is there to ask any more.
  process.on('disconnect', () => process.exit())
  tell({ kind: 'ready', port: server === undefined ? 0 : await listen(server) })
}

function tell(told: Told): void {
  process.send?.(told)
}

async function listen(server: Server): Promise<number> {
  // Between its slices a server is idle for longer than Node keeps an idle connection (5 s): 0 = for ever.
  server.keepAliveTimeout = 0
  if (!server.listening) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
  }
  return (server.address() as AddressInfo).port
}
