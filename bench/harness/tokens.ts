import { createHmac, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createTokenService,
  type IssuedToken,
  type IssueInput,
  type TokenService,
  type TokenServiceOptions,
} from '@hallpass/core'
import { createSqliteStore, type SqliteStoreOptions } from '@hallpass/store-sqlite'
import { addBackgroundWork } from './background.ts'
import type { Ours } from './guard-setup.ts'

/** Where a service keeps its tokens: what every process that opens it must know. */
export interface ServicePlace {
  /** A SQLite file. */
  readonly file: string
  readonly masterSecret: string
}

export type Revocation = NonNullable<TokenServiceOptions['revocation']>

export const ISSUER = 'https://bench.example'
export const STRICT: Revocation = { mode: 'strict' }
/**
 * Where a machine is so busy that a server stands still for a second, its revocations are too old and it answers 503,
 * as it should. A trial beside other work may allow for more.
 */
export const MAX_STALENESS_MS: number = Number(process.env.BENCH_MAX_STALENESS_MS ?? 1000)
export const BOUNDED: Revocation = { mode: 'bounded', maxStalenessMs: MAX_STALENESS_MS }

export async function openService(
  { file, masterSecret }: ServicePlace,
  revocation: Revocation,
  options: SqliteStoreOptions = {},
): Promise<TokenService> {
  const store = await createSqliteStore(file, options)
  const service = await createTokenService({ issuer: ISSUER, store, keys: { masterSecret }, revocation })
  // A question about usage has what is counted written first.
  addBackgroundWork(() => service.usage({ project: 'none' }))
  return service
}

/** The service behind a guard of ours. */
export function openGuarded(subject: Ours, place: ServicePlace): Promise<TokenService> {
  if (subject === 'bounded') return openService(place, BOUNDED)
  return openService(place, STRICT, { exclusive: subject === 'strict, exclusive' })
}

export interface Folder {
  readonly path: string
  /** A place for a service in a file of this name. */
  place(name: string): ServicePlace
  remove(): Promise<void>
}

/** A folder for one run, on the disk of this checkout: a temporary folder may lie in memory. */
export async function createFolder(): Promise<Folder> {
  const parent = fileURLToPath(new URL('../.data/', import.meta.url))
  await mkdir(parent, { recursive: true })
  const path = await mkdtemp(join(parent, 'run-'))
  return {
    path,
    place: (name) => ({ file: join(path, name), masterSecret: randomBytes(32).toString('base64url') }),
    remove: () => rm(path, { recursive: true }),
  }
}

const BATCH = 1000

/** As many tokens as there are inputs, in their order. */
export async function issueAll(service: TokenService, inputs: readonly IssueInput[]): Promise<IssuedToken[]> {
  const issued: IssuedToken[] = []
  for (let at = 0; at < inputs.length; at += BATCH) {
    issued.push(...(await service.issueMany(inputs.slice(at, at + BATCH))))
  }
  return issued
}

const HS256_HEADER = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url')

/** A JWT with the claims of one of ours, signed with HS256: what peers are given. */
export function toHs256(token: string, secret: string): string {
  const [, payload = ''] = token.split('.')
  const input = `${HS256_HEADER}.${payload}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** The same token with another signature of the same length. */
export function breakSignature(token: string): string {
  const at = token.lastIndexOf('.') + 1
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}
