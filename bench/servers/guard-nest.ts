import 'reflect-metadata'
import type { Server } from 'node:http'
import { HallpassModule, RequireToken, TokenGuard } from '@hallpass/nestjs'
import {
  type CanActivate,
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { type GuardSetup, isOurs, SCOPE, toAnswer, unknownSubject } from '../harness/guard-setup.ts'
import { serve } from '../harness/serve.ts'
import { openGuarded } from '../harness/tokens.ts'

interface NestSetup extends GuardSetup {
  readonly platform: 'express' | 'fastify'
}

// Node strips types and knows no decorators, so they are called by hand, as TypeScript's output does.
class Files {
  read(name: string): object {
    return toAnswer(name)
  }
}
const READ = Object.getOwnPropertyDescriptor(Files.prototype, 'read') ?? {}
Get(':name')(Files.prototype, 'read', READ)
Param('name')(Files.prototype, 'read', 0)
Controller('files')(Files)

/** The module that guards `Files`; null = nothing does. */
async function guardFiles(setup: GuardSetup): Promise<DynamicModule | null> {
  const { subject, place, secret } = setup
  if (isOurs(subject)) {
    UseGuards(TokenGuard)(Files)
    RequireToken({ scope: [SCOPE] })(Files.prototype, 'read', READ)
    return HallpassModule.forRoot({ service: await openGuarded(subject, place) })
  }
  switch (subject) {
    case 'bare':
      return null
    case '@nestjs/jwt':
      return usePeer(secret)
    default:
      throw unknownSubject(setup)
  }
}

/** The guard of Nest's documentation: a class that hands the token of the header to `JwtService.verifyAsync`. */
async function usePeer(secret: string): Promise<DynamicModule> {
  const { JwtModule, JwtService } = await import('@nestjs/jwt')

  class JwtGuard implements CanActivate {
    readonly jwt: InstanceType<typeof JwtService>

    constructor(jwt: InstanceType<typeof JwtService>) {
      this.jwt = jwt
    }

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const request = context.switchToHttp().getRequest<{
        headers: { authorization?: string }
        user?: object
      }>()
      const [scheme, token] = request.headers.authorization?.split(' ') ?? []
      if (scheme !== 'Bearer' || token === undefined) throw new UnauthorizedException()
      try {
        request.user = await this.jwt.verifyAsync(token)
      } catch {
        throw new UnauthorizedException()
      }
      return true
    }
  }
  Inject(JwtService)(JwtGuard, undefined, 0)
  Injectable()(JwtGuard)
  UseGuards(JwtGuard)(Files)
  return JwtModule.register({ secret, verifyOptions: { algorithms: ['HS256'] } })
}

await serve<NestSetup>(async (setup) => {
  const guarding = await guardFiles(setup)
  class App {}
  Module({ imports: guarding === null ? [] : [guarding], controllers: [Files] })(App)
  const adapter: AbstractHttpAdapter =
    setup.platform === 'express' ? new ExpressAdapter() : new FastifyAdapter()
  const app = await NestFactory.create(App, adapter, { logger: ['error', 'warn'] })
  await app.init()
  if (adapter instanceof FastifyAdapter) await adapter.getInstance().ready()
  return { server: app.getHttpServer() as Server }
})
