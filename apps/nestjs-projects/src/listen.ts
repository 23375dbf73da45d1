import type { Server } from 'node:http'
import { StartError } from './start-error.ts'

/**
 * Lets the server of an initialised app listen. Nest's own `listen` would print what is wrong as well.
 * @param port 0 = any free one
 * @returns the port
 * @throws StartError when the port cannot be had
 */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(toStartError(error, port))
    server.once('error', fail)
    server.listen(port, () => {
      server.off('error', fail)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function toStartError(error: Error, port: number): Error {
  const code = 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') return new StartError(`PORT ${port} is in use: set PORT to another one.`)
  if (code === 'EACCES') return new StartError(`PORT ${port} needs more rights: set PORT to another one.`)
  return error
}
