import type { AddressInfo } from 'node:net'
import type { DynamicModule, INestApplication, NestApplicationOptions, Type } from '@nestjs/common'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'

export const MAJOR: string = process.env.NEST_MAJOR ?? '12'

/** One of Nest's HTTP platforms, as the tests see it. */
export interface Platform {
  readonly name: 'express' | 'fastify'
  createAdapter(): AbstractHttpAdapter
  /** How this platform spells "everything below". */
  readonly wildcard: string
  /** Takes away the parsers that `bodyParser: false` leaves. */
  leaveBodies(app: INestApplication): void
}

/** What the tests use of a Fastify instance. */
interface FastifyInstance {
  removeAllContentTypeParsers(): void
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): void
}

export const PLATFORMS: readonly Platform[] = [
  { name: 'express', createAdapter: () => new ExpressAdapter(), wildcard: '{*path}', leaveBodies() {} },
  {
    name: 'fastify',
    createAdapter: () => new FastifyAdapter(),
    wildcard: '*',
    // Fastify answers 415 to a type that it has no parser for, before any guard.
    leaveBodies(app) {
      const fastify: FastifyInstance = app.getHttpAdapter().getInstance()
      fastify.removeAllContentTypeParsers()
      fastify.addContentTypeParser('*', (_request, _payload, done) => done(null))
    },
  },
]

export interface RunningApp {
  readonly app: INestApplication
  readonly port: number
  close(): Promise<void>
}

/** Starts an application on a free port. `prepare` is what a `main.ts` does before it listens. */
export async function startApp(
  platform: Platform,
  root: Type | DynamicModule,
  options: NestApplicationOptions = {},
  prepare: (app: INestApplication) => void = () => {},
): Promise<RunningApp> {
  const app = await NestFactory.create(root, platform.createAdapter(), {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
    ...options,
  })
  prepare(app)
  await app.listen(0, '127.0.0.1')
  const address: AddressInfo = app.getHttpServer().address()
  return { app, port: address.port, close: () => app.close() }
}
