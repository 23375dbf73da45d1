import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AtEnd, createFolder, type Ended, type Env, spawnApp } from '@hallpass/testing'
import { onTestFinished } from 'vitest'

export const APP_FOLDER: string = fileURLToPath(new URL('..', import.meta.url))

/** What the line says that the app prints when it is ready. */
export interface Ready {
  readonly ready: true
  readonly url: string
  readonly credentials: {
    readonly i3d: {
      readonly clientId: string
      readonly clientSecret: string
      readonly serviceId: string
      readonly vhost: string
    }
    readonly specter: Login
    readonly magicbell: { readonly token: string }
    readonly data8: Login
    readonly servicestack: Login
  }
}

export interface Login {
  readonly username: string
  readonly password: string
}

export interface App {
  readonly ready: Ready
  /** Everything that was printed so far; stderr without what Node itself has to say. */
  stdout(): string
  stderr(): string
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

const START = ['--conditions=@hallpass/source', join(APP_FOLDER, 'start.js')]

/** An empty folder that is gone at the end. */
export function createDataDir(atEnd?: AtEnd): string {
  return createFolder('five-apis', atEnd)
}

/** An app that runs from source in a process of its own and has said that it is ready. */
export async function startApp(env: Env, atEnd: AtEnd = onTestFinished): Promise<App> {
  const { child, ended, stdout, stderr } = spawnApp(START, env, { atEnd })
  const line = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      if (stdout().includes('\n')) resolve(stdout())
    })
  })
  const first = await Promise.race([
    line,
    ended.then(({ code }) => Promise.reject(new Error(`the app ended with ${code}: ${stderr()}`))),
  ])
  return {
    ready: JSON.parse(first) as Ready,
    stdout,
    stderr,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** Waits for the end of an app that is expected not to start. */
export function runApp(env: Env): Promise<Ended> {
  return spawnApp(START, env).ended
}
