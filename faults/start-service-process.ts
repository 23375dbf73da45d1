import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CommandMessage, Commands, LoadEvent, ServiceMessage, ServiceSetup } from './service-commands.ts'

/** A process with a service of its own on a shared store. */
export interface ServiceProcess {
  ask<Name extends keyof Commands>(
    name: Name,
    input: Commands[Name]['input'],
  ): Promise<Commands[Name]['answer']>
  /** What its load tells, from now on. */
  onEvent(listener: (event: LoadEvent) => void): void
  /** When its load is told something that is no refusal. */
  nextAnswer(): Promise<void>
  /** `kill -9`; answers when the process is gone and everything it said has been heard. */
  kill(): Promise<void>
}

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** @returns when the service is ready */
export async function startServiceProcess(setup: ServiceSetup): Promise<ServiceProcess> {
  const file = fileURLToPath(new URL('service-process.ts', import.meta.url))
  const child = fork(file, [JSON.stringify(setup)], {
    execArgv: ['--conditions=@hallpass/source', '--no-warnings'],
  })
  const waiting = new Map<number, Waiting>()
  const listeners: ((event: LoadEvent) => void)[] = []
  const hoping: (() => void)[] = []
  let number = 0

  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the service process ended before it was ready')))
    child.on('message', (message) => {
      const told = message as ServiceMessage
      if (told.kind === 'ready') resolve()
      else if (told.kind === 'event') {
        for (const listener of listeners) listener(told.event)
        if (told.event.did !== 'refuse') for (const resolve of hoping.splice(0)) resolve()
      } else settle(waiting, told)
    })
  })
  // Both: what it said last may be read after it has ended.
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the service process ended'))
  })
  await ready

  return {
    ask<Name extends keyof Commands>(name: Name, input: Commands[Name]['input']) {
      number += 1
      const message: CommandMessage = { number, name, input }
      return new Promise<Commands[Name]['answer']>((resolve, reject) => {
        waiting.set(number, { resolve: (answer) => resolve(answer as Commands[Name]['answer']), reject })
        child.send(message)
      })
    },
    onEvent: (listener) => void listeners.push(listener),
    nextAnswer: () => new Promise((resolve) => void hoping.push(resolve)),
    kill: () => kill(child, ended),
  }
}

function settle(
  waiting: Map<number, Waiting>,
  told: Exclude<ServiceMessage, { kind: 'ready' | 'event' }>,
): void {
  const asked = waiting.get(told.number)
  waiting.delete(told.number)
  if (told.kind === 'answer') asked?.resolve(told.answer)
  else asked?.reject(new Error(told.message))
}

function kill(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGKILL')
  return ended
}
