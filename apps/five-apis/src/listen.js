// @ts-check
import { createServer } from 'node:http'
import { StartError } from './start-error.js'

/**
 * A server that listens. Give it its app before anything else is awaited.
 * @param {number} port 0 = any free one
 * @returns {Promise<{ server: import('node:http').Server, port: number }>}
 * @throws {StartError} when the port cannot be had
 */
export function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => reject(toStartError(error, port)))
    server.listen(port, () => {
      const address = server.address()
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : port })
    })
  })
}

/**
 * @param {NodeJS.ErrnoException} error
 * @param {number} port
 */
function toStartError(error, port) {
  if (error.code === 'EADDRINUSE') return new StartError(`PORT ${port} is in use: set PORT to another one.`)
  if (error.code === 'EACCES')
    return new StartError(`PORT ${port} needs more rights: set PORT to another one.`)
  return error
}
