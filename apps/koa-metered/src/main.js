// @ts-check
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createApp } from './app.js'
import { createBanner } from './banner.js'
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
async function start({ adminPassword: chosen, ...settings }) {
  const { service, close } = await openService(settings)
  try {
    const { server, port } = await listen(settings.port)
    const adminPassword = chosen ?? randomBytes(18).toString('base64url')
    server.on('request', createApp(service, { adminPassword }).callback())
    stopOnSignal(server, close)
    const origin = `http://localhost:${port}`
    const generatedPassword = chosen === null ? adminPassword : null
    console.log(createBanner({ origin, database: settings.database.label, generatedPassword }))
  } catch (error) {
    await close()
    throw error
  }
}
