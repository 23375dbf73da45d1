import { join } from 'node:path'
import type { Principal, TokenService } from '@hallpass/core'
import type { Authorize, Handler } from '@hallpass/http'
import type { HostGuard, HostSetup } from './adapter-host.ts'

/** The services of one run: two instances in one process, and two for what needs a set-up of its own. */
export interface AdapterServices {
  readonly main: TokenService
  /** Its store answers with promises. */
  readonly second: TokenService
  /** Trusts 127.0.0.1 as a proxy that writes X-Forwarded-For. */
  readonly proxied: TokenService
  /** Its store fails at every look-up. */
  readonly failing: TokenService
}

/** Value of the `x-operator` header that may do everything on the management routes. */
export const OPERATOR = 'the-operator-of-the-contract'

const OPERATOR_PRINCIPAL: Principal = {
  id: 'operator',
  projects: '*',
  subjects: '*',
  can: ['issue', 'read', 'list', 'verify', 'update', 'revoke'],
}

const authorize: Authorize<unknown> = ({ headers }) =>
  headers.get('x-operator') === OPERATOR ? OPERATOR_PRINCIPAL : null

/** Everything that the rows send their requests to. */
export function createPlaces(
  setup: Pick<HostSetup, 'prefix' | 'bodyParser' | 'withoutGuard'>,
  services: AdapterServices,
  directory: string,
  handler: Handler,
): HostSetup {
  const { main, second, proxied, failing } = services
  const echo = (path: string, options: HostGuard['options'], service: TokenService = main): HostGuard => ({
    path,
    service,
    options,
    serve: 'echo',
  })
  return {
    ...setup,
    guards: [
      {
        path: '/files',
        service: main,
        options: { from: ['header', { query: 'token' }, { cookie: 'hallpass' }] },
        serve: { directory: join(directory, 'files') },
      },
      echo('/echo', {}),
      echo('/optional', { optional: true, from: ['header', { query: 'token' }] }),
      echo('/scoped', { scope: ['reports.read', 'files'] }),
      echo('/project', { project: 'acme' }),
      echo('/bound', { requirePaths: true }),
      echo('/free', { cost: 0 }),
      echo('/three', { cost: 3 }),
      echo('/two', { cost: () => 2 }),
      echo('/cost-nan', { cost: () => Number.NaN }),
      echo('/cost-negative', { cost: () => -1 }),
      echo('/cost-fraction', { cost: () => 0.5 }),
      echo('/cost-throws', { cost: throwCost }),
      echo('/cdn', { target: { strip: `${setup.prefix}/cdn`, prepend: '/vhost' } }),
      echo('/elsewhere', { target: { strip: '/not/here' } }),
      echo('/address', { address: () => '203.0.113.9' }),
      echo('/no-address', { address: () => null }),
      echo('/garbage-address', { address: () => '203.0.113.9, 203.0.113.10' }),
      echo('/second', {}, second),
      echo('/proxied', {}, proxied),
      echo('/failing', {}, failing),
    ],
    routes: [
      { path: '/tokens', service: main, authorize },
      { path: '/second-tokens', service: second, authorize },
    ],
    handlers: [{ path: '/handler', handler }],
  }
}

/** A host with one guard on everything, so that any target reaches it whatever the host's router thinks of it. */
export function createRoot(
  setup: Pick<HostSetup, 'prefix' | 'bodyParser' | 'withoutGuard'>,
  services: AdapterServices,
  directory: string,
): HostSetup {
  return {
    ...setup,
    guards: [{ path: '', service: services.main, options: {}, serve: { directory } }],
    routes: [],
    handlers: [],
  }
}

function throwCost(): never {
  throw new Error('the application does not know what this costs')
}
