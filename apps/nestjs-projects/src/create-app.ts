import 'reflect-metadata'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { createAppModule } from './app-module.ts'
import type { Data } from './open-data.ts'

/** The application, ready to listen. */
export async function createApp(data: Data, adminPassword: string): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(createAppModule(data, adminPassword), {
    logger: ['error', 'warn', 'fatal'],
    abortOnError: false,
    // The token routes read JSON themselves: they refuse what is ambiguous in it.
    rawBody: true,
  })
  app.disable('x-powered-by')
  app.use(setDefaults)
  return app.init()
}

/** Every answer is for one user or one token, so no cache answers in our place. */
function setDefaults(_request: IncomingMessage, response: ServerResponse, next: () => void): void {
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  next()
}
