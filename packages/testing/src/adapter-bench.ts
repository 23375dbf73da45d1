import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createMemoryStore,
  createTokenService,
  type IssuedToken,
  type IssueInput,
  type TokenService,
} from '@hallpass/core'
import type { HostSetup, RunningHost, StartHost } from './adapter-host.ts'
import { type AdapterServices, createPlaces, createRoot, OPERATOR } from './adapter-places.ts'
import { createInspectHandler } from './inspect-handler.ts'
import { abandon, exchange, type RawAnswer, type RawRequest } from './raw-exchange.ts'

/** The bytes of the served files. */
export const FILES = {
  'files/reports/q1.txt': 'first quarter: 1,204 tokens issued\n',
  'files/other.txt': 'beside the reports\n',
  'files/café menu.txt': 'espresso 2.20\n',
  'secret.txt': 'outside of what is shared\n',
} as const

/** What a row may do. All paths are below the prefix; only `raw` targets are sent as they stand. */
export interface AdapterBench {
  readonly prefix: string
  readonly services: AdapterServices
  /** Texts of the tokens issued since the row began: no answer may hold them. */
  readonly secrets: Set<string>
  issue(input?: IssueInput, service?: TokenService): Promise<IssuedToken>
  /** Text of a token that opens `/files/` below the prefix. */
  fileToken(input?: IssueInput): Promise<string>
  /** GET with the token as Bearer. */
  get(path: string, token?: string): Promise<RawAnswer>
  send(request: Omit<RawRequest, 'target'> & { readonly path: string }): Promise<RawAnswer>
  /** To the host whose one guard stands before everything. */
  sendRoot(request: RawRequest): Promise<RawAnswer>
  /** As the operator of the management routes. */
  manage(method: string, path: string, body?: string, headers?: RawRequest['headers']): Promise<RawAnswer>
  /** Begins a request and leaves before its last bytes are sent. */
  abandon(
    request: Omit<RawRequest, 'target'> & { readonly path: string },
    bytesLeftOut: number,
  ): Promise<void>
  /** How the inspecting handler's body ended for the request with this `x-mark`. */
  outcome(mark: string): Promise<string>
}

/** One way to set a host up. */
export type AdapterVariant = Pick<HostSetup, 'prefix' | 'bodyParser' | 'withoutGuard'>

export interface OpenBench {
  readonly bench: AdapterBench
  close(): Promise<void>
}

/** Two running hosts of one adapter, and what rows need to ask them. */
export async function openAdapterBench(start: StartHost, variant: AdapterVariant): Promise<OpenBench> {
  const directory = await writeFiles()
  const services = await openServices()
  const inspect = createInspectHandler()
  const hosts: RunningHost[] = []
  const close = async (): Promise<void> => {
    await Promise.all(hosts.map((host) => host.close()))
    await Promise.all(Object.values(services).map((service: TokenService) => service.close()))
    await rm(directory, { recursive: true, force: true })
  }
  try {
    hosts.push(await start(createPlaces(variant, services, directory, inspect.handler)))
    hosts.push(await start(createRoot(variant, services, directory)))
  } catch (error) {
    await close()
    throw error
  }
  const [places, root] = hosts.map((host) => host.port)
  if (places === undefined || root === undefined) throw new Error('a host did not start')
  const { prefix } = variant
  const secrets = new Set<string>()
  const issue: AdapterBench['issue'] = async (input = {}, service = services.main) => {
    const issued = await service.issue(input)
    secrets.add(issued.token)
    return issued
  }
  const send: AdapterBench['send'] = ({ path, ...request }) =>
    exchange(places, { ...request, target: `${prefix}${path}` })
  const bench: AdapterBench = {
    prefix,
    services,
    secrets,
    issue,
    fileToken: async (input = {}) => (await issue({ paths: [`${prefix}/files/`], ...input })).token,
    get: (path, token) =>
      send({
        method: 'GET',
        path,
        headers: token === undefined ? [] : [['Authorization', `Bearer ${token}`]],
      }),
    send,
    sendRoot: (request) => exchange(root, request),
    manage: (method, path, body, headers = []) =>
      send({
        method,
        path,
        headers: [
          ['X-Operator', OPERATOR],
          ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
          ...headers,
        ],
        ...(body !== undefined && { body }),
      }),
    abandon: ({ path, ...request }, bytesLeftOut) =>
      abandon(places, { ...request, target: `${prefix}${path}` }, bytesLeftOut),
    outcome: inspect.outcome,
  }
  return { bench, close }
}

async function writeFiles(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hallpass-adapter-'))
  await mkdir(join(directory, 'files', 'reports'), { recursive: true })
  for (const [path, text] of Object.entries(FILES)) await writeFile(join(directory, path), text)
  return directory
}

async function openServices(): Promise<AdapterServices> {
  const issuer = 'https://hallpass.test'
  const slow = createMemoryStore()
  const broken = createMemoryStore()
  return {
    main: await createTokenService({ issuer, store: createMemoryStore() }),
    second: await createTokenService({
      issuer,
      store: {
        ...slow,
        find: async (project, id) => slow.find(project, id),
        spend: async (spend) => slow.spend(spend),
      },
    }),
    proxied: await createTokenService({
      issuer,
      store: createMemoryStore(),
      clientAddress: { trustedProxies: ['127.0.0.1/32'], header: 'x-forwarded-for' },
    }),
    failing: await createTokenService({
      issuer,
      store: {
        ...broken,
        find: () => {
          throw new Error('the disk is gone')
        },
      },
      hooks: { onError() {} },
    }),
  }
}
