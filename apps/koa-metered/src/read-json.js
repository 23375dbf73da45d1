// @ts-check
import { ApiError } from './api-error.js'

const MAX_BYTES = 64 * 1024

/**
 * The JSON value in a request's body.
 * @param {import('node:http').IncomingMessage} incoming
 * @returns {Promise<unknown>}
 * @throws {ApiError}
 */
export async function readJson(incoming) {
  if (!/^application\/json *(?:;|$)/i.test(incoming.headers['content-type'] ?? '')) {
    throw new ApiError(415, 'unsupported_media_type', 'the body must be sent as application/json')
  }
  const bytes = await readBytes(incoming)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ApiError(400, 'invalid_request', 'the body is not JSON in UTF-8')
  }
}

/** @param {import('node:http').IncomingMessage} incoming */
async function readBytes(incoming) {
  const tooLarge = new ApiError(413, 'body_too_large', `the body is larger than ${MAX_BYTES} bytes`)
  if (Number(incoming.headers['content-length']) > MAX_BYTES) throw tooLarge
  /** @type {Buffer[]} */
  const chunks = []
  let size = 0
  try {
    for await (const chunk of incoming) {
      size += chunk.length
      // The rest is read and dropped: leaving the loop would cut the connection that the answer goes by.
      if (size <= MAX_BYTES) chunks.push(chunk)
    }
  } catch {
    throw new ApiError(400, 'body_aborted', 'the body ended too early')
  }
  if (size > MAX_BYTES) throw tooLarge
  return Buffer.concat(chunks)
}
