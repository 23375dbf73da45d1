// @ts-check
import { createProjectToken, magicbell } from '@hallpass/dialects'

const PROJECT = 'magicbell'
/** More discarded first tokens than anybody makes. */
const MOST_TRIES = 1000

/**
 * MagicBell's JwtService for one project.
 * @param {import('@hallpass/core').TokenService} service
 */
export function createMagicbell(service) {
  return magicbell(service, { project: PROJECT })
}

/**
 * The first project token: the same at each start until it is discarded, then another. Its text is not kept anywhere.
 * The idempotency key lets the service sign it again.
 * @param {import('@hallpass/core').TokenService} service
 * @returns {Promise<string>}
 */
export async function findMagicbellToken(service) {
  for (let number = 1; number <= MOST_TRIES; number++) {
    const { token, record } = await createProjectToken(service, {
      project: PROJECT,
      name: 'five-apis',
      idempotencyKey: `five-apis-${number}`,
    })
    if (record.status === 'active') return token
  }
  throw new Error('no first token of MagicBell is left')
}
