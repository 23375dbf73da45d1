// @ts-check
import { SAMPLE_PATH } from './curl-lines.js'

/**
 * A link that opens one file in a browser. Whoever has it can open the file, so its life is short.
 * @param {import('@hallpass/core').TokenService} service
 * @param {string} origin
 */
export async function createSignedLink(service, origin) {
  const { token } = await service.issue({
    subject: 'admin',
    name: 'link printed at the start',
    paths: [SAMPLE_PATH],
    httpMethods: ['GET'],
    expiresIn: '1 hour',
    credits: 20,
    createdBy: 'express-files',
  })
  return `${origin}${SAMPLE_PATH}?token=${token}`
}
