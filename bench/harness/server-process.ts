import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Question, Told } from './serve.ts'

/** A server of `bench/servers` in a process of its own. */
export interface ServerProcess {
  /** 0 = it does not listen. */
  readonly port: number
  readonly pid: number
  /** User and system time that the operating system has counted for it so far, microseconds. */
  cpu(): Promise<number>
  /** Has it do now what it does every `BACKGROUND_SECONDS`. @returns CPU time of that, microseconds */
  doBackgroundWork(): Promise<number>
  /** Resident memory, bytes. */
  memory(): Promise<number>
  /** One of the server's own commands. */
  ask(name: string, input?: unknown): Promise<unknown>
  /** Rejects, with what it wrote to stderr, when the process ends without having been told to. */
  readonly died: Promise<never>
  /** Lets it close what it has open, and waits until it is gone. Again and again the same. */
  stop(): Promise<void>
}

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

const LONGEST_STDERR = 8192

/**
 * @param name of the file in `bench/servers`, without `.ts`
 * @param setup handed to it as JSON
 * @param flags of Node
 * @returns when it listens
 */
export async function startServer(
  name: string,
  setup: unknown,
  flags: readonly string[] = [],
): Promise<ServerProcess> {
  const file = fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url))
  const child = fork(file, [JSON.stringify(setup)], {
    // The built packages, as applications load them.
    execArgv: ['--no-warnings', ...flags],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  const waiting = new Map<number, Waiting>()
  let stderr = ''
  let stopping = false
  let number = 0

  const { stderr: errors } = child
  if (errors === null) throw new Error('the stderr of a server is not piped')
  errors.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-LONGEST_STDERR)
  })
  // Not `close` of the child, which does not come after `disconnect()`.
  const gone = Promise.all([once(child, 'exit'), once(errors, 'close')])
  const died = new Promise<never>((_, reject) => {
    void gone.then(() => {
      const error = new Error(`the server ${name} ended by itself\n${stderr}`)
      for (const { reject } of waiting.values()) reject(error)
      if (!stopping) reject(error)
    })
  })
  // Whoever does not wait for it has asked something, and is told so.
  died.catch(() => {})
  const ready = new Promise<number>((resolve) => {
    child.on('message', (message) => {
      const told = message as Told
      if (told.kind === 'ready') return resolve(told.port)
      const asked = waiting.get(told.number)
      waiting.delete(told.number)
      if (told.kind === 'answer') asked?.resolve(told.answer)
      else asked?.reject(new Error(`the server ${name} could not do it: ${told.message}`))
    })
  })

  function ask(question: string, input?: unknown): Promise<unknown> {
    number += 1
    const message: Question = { number, name: question, input }
    return new Promise((resolve, reject) => {
      waiting.set(message.number, { resolve, reject })
      child.send(message, (error) => error && reject(error))
    })
  }

  return {
    port: await Promise.race([ready, died]),
    pid: child.pid ?? 0,
    cpu: async () => Number(await ask('cpu')),
    doBackgroundWork: async () => Number(await ask('background')),
    memory: async () => Number(await ask('memory')),
    ask,
    died,
    async stop() {
      if (!stopping && child.connected) {
        stopping = true
        await ask('close')
        child.disconnect()
      }
      await gone
    },
  }
}
