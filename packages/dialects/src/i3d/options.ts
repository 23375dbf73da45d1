import { realpathSync, statSync } from 'node:fs'
import { ConfigurationError, type Principal } from '@hallpass/core'
import type { OAuthClientsOptions, ReportError, Secret } from '@hallpass/http'

export interface I3dOptions {
  /** Who may call, by `client_id`, and for which services. */
  readonly clients: Readonly<
    Record<string, { readonly secret: Secret; readonly services: readonly string[] }>
  >
  /** The CDN services by id: 1 to 128 of `A-Z a-z 0-9 - . _ ~`. `vhost` is the host name that a service's files begin with. */
  readonly services: Readonly<Record<string, { readonly vhost: string }>>
  /** The project that tokens are kept in, and that has their secret. Default `i3d`. */
  readonly project?: string
  /**
   * Serves the files of one service at `GET /cdn/<file>?token=`. Files are read whole: for large ones put a guard
   * with `I3D_PROFILE` before the application's own.
   */
  readonly cdn?: { readonly service: string; readonly directory: string }
  /** Where this is reached from outside, for the OpenAPI documents. Default: the path that it is mounted at. */
  readonly publicUrl?: string
  /** Life of a caller's access token. Default 900. */
  readonly tokenLifeSeconds?: number
  /** Told of faults inside. Default: a process warning with the error's name, no message. */
  readonly onError?: ReportError
}

/** A directory of files, for one vhost. */
export interface CdnEdge {
  readonly vhost: string
  /** Absolute, without symbolic links in it. */
  readonly directory: string
}

export interface I3dSettings {
  readonly project: string
  /** Vhosts by service. A Map: no id can reach a prototype. */
  readonly vhosts: ReadonlyMap<string, string>
  readonly clients: OAuthClientsOptions['clients']
  readonly cdn: CdnEdge | null
  readonly publicUrl: string | null
}

const SERVICE_ID = /^(?!\.{1,2}$)[\w.~-]{1,128}$/
const VHOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/

/** Checks the options once and copies them. @throws ConfigurationError */
export function parseI3dOptions(options: I3dOptions): I3dSettings {
  const { project = 'i3d', publicUrl = null } = options
  if (typeof project !== 'string' || !/^[\x21-\x7e]{1,100}$/.test(project)) {
    throw new ConfigurationError('project: 1 to 100 visible ASCII characters')
  }
  if (publicUrl !== null && !/^https?:\/\/[^\s?#]+$/.test(publicUrl)) {
    throw new ConfigurationError('publicUrl: a http or https URL without a query')
  }
  const vhosts = parseServices(options.services)
  return {
    project,
    vhosts,
    clients: parseClients(options.clients, vhosts, project),
    cdn: options.cdn === undefined ? null : parseCdn(options.cdn, vhosts),
    publicUrl,
  }
}

function parseServices(services: I3dOptions['services']): ReadonlyMap<string, string> {
  const vhosts = new Map<string, string>()
  for (const [id, { vhost }] of Object.entries(services)) {
    if (!SERVICE_ID.test(id))
      throw new ConfigurationError('services: an id is 1 to 128 of A-Z a-z 0-9 - . _ ~')
    if (typeof vhost !== 'string' || !VHOST.test(vhost)) {
      throw new ConfigurationError('services: a vhost is a host name in small letters')
    }
    // A token says which vhost it opens, and nothing else keeps two services apart.
    if ([...vhosts.values()].includes(vhost))
      throw new ConfigurationError('services: two have the same vhost')
    vhosts.set(id, vhost)
  }
  if (vhosts.size === 0) throw new ConfigurationError('services: there is none')
  return vhosts
}

function parseClients(
  clients: I3dOptions['clients'],
  vhosts: ReadonlyMap<string, string>,
  project: string,
): I3dSettings['clients'] {
  return Object.fromEntries(
    Object.entries(clients).map(([id, { secret, services }]) => {
      if (!Array.isArray(services) || !services.every((service) => vhosts.has(service))) {
        throw new ConfigurationError('clients: each names services that are there')
      }
      const principal: Principal = { id, projects: [project], subjects: services, can: ['issue', 'verify'] }
      return [id, { secret, principal }]
    }),
  )
}

function parseCdn(
  { service, directory }: { readonly service: string; readonly directory: string },
  vhosts: ReadonlyMap<string, string>,
): CdnEdge {
  const vhost = vhosts.get(service)
  if (vhost === undefined) throw new ConfigurationError('cdn.service: there is no such service')
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ConfigurationError('cdn.directory: there is no such directory')
  }
  return { vhost, directory: realpathSync(directory) }
}
