// @ts-check
import { servicestack } from '@hallpass/dialects'
import { createCredentialVerifier } from '@hallpass/http'

const PROJECT = 'servicestack'

/**
 * ServiceStack's CreateJwt for one user, who makes tokens for anybody, and `/hello`, which tokens with the role
 * `Employee` open.
 * @param {import('@hallpass/core').TokenService} service
 * @param {import('../credentials.js').Credentials['servicestack']} credentials
 */
export function createServicestack(service, { username, password }) {
  const verify = createCredentialVerifier([[username, password]])
  return servicestack(service, {
    project: PROJECT,
    hello: { role: 'Employee' },
    async authenticate(sent) {
      if (!(await verify(sent.username, sent.password))) return null
      return {
        id: sent.username,
        projects: [PROJECT],
        subjects: '*',
        can: ['issue'],
        roles: ['Employee', 'Manager'],
        permissions: ['ViewReports'],
      }
    },
  })
}
