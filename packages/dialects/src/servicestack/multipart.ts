import { Busboy } from '@fastify/busboy'
import { RouteError } from '@hallpass/http'
import type { Entry } from './bound-request.ts'

const MOST_PARTS = 256

/**
 * The fields of a multipart form in their order; files are passed over.
 * @param contentType with its boundary
 * @throws RouteError `invalid_request` for what is not such a form, ends early, or has too many parts
 * @see RFC 7578
 */
export function parseMultipart(bytes: Uint8Array, contentType: string): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    const refuse = (): void => reject(new RouteError('invalid_request', 'the multipart form is malformed'))
    const entries: Entry[] = []
    try {
      const form = new Busboy({
        headers: { 'content-type': contentType },
        limits: { parts: MOST_PARTS, fieldSize: bytes.byteLength },
      })
      form.on('field', (name, value) => {
        // Without a name the types are wrong: there is none.
        if (typeof name === 'string') entries.push([name, value])
      })
      form.on('partsLimit', refuse)
      form.on('error', refuse)
      form.on('finish', () => resolve(entries))
      // The library may end without either, after a body that has no closing boundary.
      form.on('close', refuse)
      form.end(bytes)
    } catch {
      refuse()
    }
  })
}
