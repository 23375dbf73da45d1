import 'reflect-metadata'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mount as mountInExpress } from '@hallpass/express'
import type { Handler } from '@hallpass/http'
import { mount as mountInKoa } from '@hallpass/koa'
import { HallpassModule } from '@hallpass/nestjs'
import { type DynamicModule, Module } from '@nestjs/common'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import express from 'express'
import Koa from 'koa'

/** A handler and the path that it stands at: `/i3d`. */
export interface Mount {
  readonly path: string
  readonly handler: Handler
}

export interface RunningHost {
  /** Without a slash at its end. */
  readonly url: string
  close(): Promise<void>
}

export type StartHost = (mounts: readonly Mount[]) => Promise<RunningHost>

/** Express 5 with what most applications have before their routes: a parser that reads JSON bodies. */
export async function startExpressWithParsers(mounts: readonly Mount[]): Promise<RunningHost> {
  const app = express()
  app.use(express.json(), express.urlencoded({ extended: true }), express.text({ type: 'text/*' }))
  for (const { path, handler } of mounts) app.use(path, mountInExpress(handler))
  return listen(app)
}

export async function startExpress(mounts: readonly Mount[]): Promise<RunningHost> {
  const app = express()
  for (const { path, handler } of mounts) app.use(path, mountInExpress(handler))
  return listen(app)
}

async function startKoa(mounts: readonly Mount[]): Promise<RunningHost> {
  const app = new Koa()
  for (const { path, handler } of mounts) app.use(mountInKoa(handler, { prefix: path }))
  return listen(app.callback())
}

@Module({})
class AppModule {}

/** A parser of Nest's would answer bodies that it cannot read by itself, so on Express there is none. */
function startNest(createAdapter: () => AbstractHttpAdapter): StartHost {
  return async (mounts) => {
    const root: DynamicModule = {
      module: AppModule,
      imports: mounts.map((mount) => HallpassModule.mount(mount)),
    }
    const options = {
      logger: false,
      abortOnError: false,
      forceCloseConnections: true,
      bodyParser: false,
    } as const
    const app = await NestFactory.create(root, createAdapter(), options)
    await app.listen(0, '127.0.0.1')
    const { port }: AddressInfo = app.getHttpServer().address()
    return { url: `http://127.0.0.1:${port}`, close: () => app.close() }
  }
}

/** Every host that a dialect must behave the same in. For `describe.each(HOSTS)`. */
export const HOSTS: readonly (readonly [name: string, start: StartHost])[] = [
  ['Express 5', startExpress],
  ['Koa 3', startKoa],
  ['Nest 12 on Express', startNest(() => new ExpressAdapter())],
  ['Nest 12 on Fastify', startNest(() => new FastifyAdapter())],
]

/** Serves an application on a free port of 127.0.0.1. */
export async function listen(app: RequestListener): Promise<RunningHost> {
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
