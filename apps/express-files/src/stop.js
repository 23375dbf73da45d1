// @ts-check

/** Long enough for a download on a slow line to end, and well within the ten seconds that hosts wait. */
const LAST_REQUESTS_MS = 8000

/**
 * On SIGTERM or SIGINT: accepts no more, lets running requests finish, writes what is pending, exits with 0; with 1
 * where the database does not close.
 * @param {import('node:http').Server} server
 * @param {import('@hallpass/core').TokenService} service
 */
export function stopOnSignal(server, service) {
  let stopping = false
  const stop = () => {
    // Ctrl-C under npm arrives twice: from the terminal and from npm.
    if (stopping) return
    stopping = true
    server.close(async () => {
      try {
        await service.close()
        process.exit(0)
      } catch (error) {
        // Without the driver's words, which may hold an address or a path.
        console.error(
          `the app was not closed in good order: ${error instanceof Error ? error.name : typeof error}`,
        )
        process.exit(1)
      }
    })
    // A kept-alive connection that falls idle from now on would hold the server up until the client lets go.
    setInterval(() => server.closeIdleConnections(), 50)
    setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
