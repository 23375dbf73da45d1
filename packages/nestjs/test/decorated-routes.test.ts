import { ConfigurationError } from '@hallpass/core'
import { createTestService } from '@hallpass/core/testing'
import { Controller, Get, Injectable, type Provider, Scope, type Type, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { describe, expect, test } from 'vitest'
import { HallpassModule, OptionalToken, Public, RequireToken, TokenGuard } from '../src/index.ts'

@Controller()
@RequireToken()
class ByClass {
  @Get()
  all(): void {}
}

@Controller()
class ByMethod {
  @Get('open')
  open(): void {}

  @Get('closed')
  @OptionalToken()
  closed(): void {}
}

@Injectable()
class Gateway {
  @RequireToken({ scope: ['chat'] })
  say(): void {}
}

@Controller()
@RequireToken()
class AllPublic {
  @Get()
  @Public()
  all(): void {}
}

class MyGuard extends TokenGuard {}

/** Starts an application, without a server. */
async function start(controllers: Type[], providers: Provider[] = []): Promise<void> {
  const service = await createTestService()
  const module = await Test.createTestingModule({
    imports: [HallpassModule.forRoot({ service })],
    controllers,
    providers,
  }).compile()
  await module.init()
  await module.close()
}

describe('an application does not start', () => {
  test.each([
    ['class', 'ByClass.all', [ByClass], []],
    ['method', 'ByMethod.closed', [ByMethod], []],
    ['provider', 'Gateway.say', [], [Gateway]],
  ] as [string, string, Type[], Provider[]][])(
    'CAR-79 when a %s asks for a token and nothing checks it',
    async (_what, name, controllers, providers) => {
      await expect(start(controllers, providers)).rejects.toThrow(
        new RegExp(`^${name} asks for a token, but no TokenGuard checks it`),
      )
      await expect(start(controllers, providers)).rejects.toThrow(ConfigurationError)
    },
  )

  test('when a route asks for what cannot be right, saying where', async () => {
    @Controller()
    @UseGuards(TokenGuard)
    class Costly {
      @Get()
      @RequireToken({ cost: 0.5 })
      all(): void {}
    }
    await expect(start([Costly])).rejects.toThrow(/^Costly\.all: `cost`/)
  })
})

describe('an application starts', () => {
  test('with TokenGuard for all', async () => {
    await start([ByClass, ByMethod], [Gateway, { provide: APP_GUARD, useClass: TokenGuard }])
    await start([ByClass, ByMethod], [Gateway, { provide: APP_GUARD, useClass: MyGuard }])
    const scoped = { provide: APP_GUARD, useClass: TokenGuard, scope: Scope.REQUEST }
    await start([ByClass, ByMethod], [Gateway, scoped])
  })

  test('with a guard of its own on the class or the method', async () => {
    @Controller()
    @UseGuards(MyGuard)
    class Guarded extends ByClass {}
    @Controller()
    class GuardedMethod {
      @Get()
      @UseGuards(TokenGuard)
      @RequireToken()
      all(): void {}
    }
    await start([Guarded, GuardedMethod])
  })

  test('with routes that are public after all', async () => {
    await start([AllPublic])
  })
})
