// @ts-check
import { data8 } from '@hallpass/dialects'
import { createCredentialVerifier } from '@hallpass/http'

const PROJECT = 'data8'
/** What the account has at the first start. Each call of a method takes one. */
const ACCOUNT_CREDITS = 100_000

/**
 * Data8's GetJWT for one account, and `EmailValidation.IsValid`, which its tokens open.
 * @param {import('@hallpass/core').TokenService} service
 * @param {import('../credentials.js').Credentials['data8']} credentials
 */
export async function createData8(service, { username, password }) {
  const verify = createCredentialVerifier([[username, password]])
  // Does nothing where there is one: what was spent stays spent.
  await service.createPool(PROJECT, username, ACCOUNT_CREDITS)
  return data8(service, {
    project: PROJECT,
    async authenticate(sent) {
      if (!(await verify(sent.username, sent.password))) return null
      return {
        id: username,
        company: 'Example Ltd',
        projects: [PROJECT],
        subjects: [username],
        can: ['issue'],
        pool: username,
      }
    },
  })
}
