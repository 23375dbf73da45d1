// @ts-check
import { specter } from '@hallpass/dialects'
import { createCredentialVerifier } from '@hallpass/http'

/**
 * Specter's token endpoint for one user.
 * @param {import('@hallpass/core').TokenService} service
 * @param {import('../credentials.js').Credentials['specter']} credentials
 */
export function createSpecter(service, { username, password }) {
  const verify = createCredentialVerifier([[username, password]])
  return specter(service, {
    project: 'specter',
    async authenticate(sent) {
      if (!(await verify(sent.username, sent.password))) return null
      return {
        id: sent.username,
        projects: ['specter'],
        subjects: [sent.username],
        can: ['issue', 'list', 'read', 'revoke'],
      }
    },
  })
}
