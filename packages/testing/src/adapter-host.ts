import { readFile } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import type { TokenService } from '@hallpass/core'
import type { Authorize, Handler } from '@hallpass/http'
import type { Auth, GuardOptions } from '@hallpass/http/guard'

/** A guarded place: everything at `path` and below it, for every method. */
export interface HostGuard {
  /** Below the prefix; '' = everything below the prefix. */
  readonly path: string
  readonly service: TokenService
  readonly options: GuardOptions<unknown>
  /**
   * Behind the guard: `echo` = 200 and JSON of `toEcho(auth)`; a directory = its files, by the host's own static
   * middleware or `readServedFile`.
   */
  readonly serve: 'echo' | { readonly directory: string }
}

export interface HostRoutes {
  readonly path: string
  readonly service: TokenService
  readonly authorize: Authorize<unknown>
}

export interface HostHandler {
  readonly path: string
  readonly handler: Handler
}

/** What an adapter's test starts for the contract, in the manner of its framework and with its defaults. */
export interface HostSetup {
  /** '' or a path such as `/api/v1`: all of the places stand below it (nested routers, a global prefix). */
  readonly prefix: string
  /** `before`: the framework's usual JSON body parser runs before everything else. */
  readonly bodyParser: 'none' | 'before'
  readonly guards: readonly HostGuard[]
  readonly routes: readonly HostRoutes[]
  readonly handlers: readonly HostHandler[]
  /** Leave the guards out and serve what is behind them: the contract must notice. */
  readonly withoutGuard: boolean
}

export interface RunningHost {
  /** On 127.0.0.1. */
  readonly port: number
  close(): Promise<void>
}

export type StartHost = (setup: HostSetup) => Promise<RunningHost>

/** What an echo answers: proof that the host put the verified token where its users look for it. */
export interface Echo {
  readonly tokenId: string | null
  readonly subject: string | null
  readonly cost: number | null
  readonly remaining: number | null
}

/** @param auth what the host put on its request; undefined = nothing */
export function toEcho(auth: Auth | null | undefined): Echo {
  return {
    tokenId: auth?.token.id ?? null,
    subject: auth?.token.subject ?? null,
    cost: auth?.spend?.cost ?? null,
    remaining: auth?.spend?.remaining ?? null,
  }
}

/** The file below `directory` that a raw target names, for hosts without static middleware; null = there is none. */
export async function readServedFile(directory: string, target: string): Promise<Buffer | null> {
  try {
    const path = normalize(decodeURIComponent(target.split('?')[0] ?? ''))
    return await readFile(join(directory, path))
  } catch {
    return null
  }
}
