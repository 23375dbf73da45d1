// @ts-check
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigurationError } from '@hallpass/core'
import { findMagicbellToken } from './apis/magicbell.js'
import { createApp } from './app.js'
import { openCredentials } from './credentials.js'
import { listen } from './listen.js'
import { openService } from './open-service.js'
import { parseSettings } from './settings.js'
import { StartError } from './start-error.js'
import { stopOnSignal } from './stop.js'

const ENV_FILE = fileURLToPath(new URL('../.env', import.meta.url))

/** Starts the app; a reason not to is one line on stderr and exit code 1. */
export async function main() {
  try {
    // What the environment has already is not replaced.
    if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE)
    await start(parseSettings(process.env))
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

/** @param {import('./settings.js').Settings} settings */
async function start(settings) {
  const service = await openService(settings)
  try {
    const credentials = openCredentials(settings, join(settings.dataDir, 'credentials.json'))
    const app = await createApp(service, credentials)
    const magicbell = { token: await findMagicbellToken(service) }
    const { server, port } = await listen(settings.port)
    server.on('request', app)
    stopOnSignal(server, service)
    const { i3d, specter, data8, servicestack } = credentials
    const ready = {
      ready: true,
      url: `http://localhost:${port}`,
      credentials: { i3d, specter, magicbell, data8, servicestack },
    }
    // The only line on stdout: programs read it.
    console.log(JSON.stringify(ready))
  } catch (error) {
    await service.close()
    throw error instanceof ConfigurationError ? new StartError(`Cannot start: ${error.message}.`) : error
  }
}
