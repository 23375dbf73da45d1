// @ts-check
import { fileURLToPath } from 'node:url'
import { i3d } from '@hallpass/dialects'

const FILES = fileURLToPath(new URL('../../files', import.meta.url))

/**
 * i3D's token API for one client and one service, whose files are served at `/cdn/<file>?token=`.
 * @param {import('@hallpass/core').TokenService} service
 * @param {import('../credentials.js').Credentials['i3d']} credentials
 */
export function createI3d(service, { clientId, clientSecret, serviceId, vhost }) {
  return i3d(service, {
    clients: { [clientId]: { secret: clientSecret, services: [serviceId] } },
    services: { [serviceId]: { vhost } },
    cdn: { service: serviceId, directory: FILES },
  })
}
