import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createBanner } from './banner.ts'
import { createApp } from './create-app.ts'
import { listen } from './listen.ts'
import { openData } from './open-data.ts'
import { parseSettings, type Settings } from './settings.ts'
import { StartError } from './start-error.ts'
import { stopOnSignal } from './stop.ts'

const ENV_FILE = fileURLToPath(new URL('../.env', import.meta.url))

/** Starts the app; a reason not to is one line on stderr and exit code 1. */
export async function main(): Promise<void> {
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

async function start({ adminPassword: chosen, port: wanted, ...settings }: Settings): Promise<void> {
  const data = await openData(settings)
  const adminPassword = chosen ?? randomBytes(18).toString('base64url')
  try {
    const app = await createApp(data, adminPassword)
    const server: Server = app.getHttpServer()
    const port = await listen(server, wanted)
    // Nest closes the token service.
    stopOnSignal(server, async () => {
      await app.close()
      data.directory.close()
    })
    const generatedPassword = chosen === null ? adminPassword : null
    const origin = `http://localhost:${port}`
    console.log(createBanner({ origin, dataDir: settings.dataDir, generatedPassword }))
  } catch (error) {
    await data.service.close()
    data.directory.close()
    throw error
  }
}
