import { ConfigurationError, createMemoryStore, type TokenService as Service } from '@hallpass/core'
import { createTestService } from '@hallpass/core/testing'
import { type DynamicModule, Inject, Injectable, Module, type Type } from '@nestjs/common'
import { Test, type TestingModule } from '@nestjs/testing'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import {
  HallpassModule,
  type HallpassModuleOptions,
  type HallpassOptionsFactory,
  TokenGuard,
  TokenService,
} from '../src/index.ts'

const ISSUER = Symbol('issuer')

@Module({ providers: [{ provide: ISSUER, useValue: 'https://configured.example' }], exports: [ISSUER] })
class ConfigModule {}

@Injectable()
class OptionsFactory implements HallpassOptionsFactory {
  private readonly issuer: string

  constructor(@Inject(ISSUER) issuer: string) {
    this.issuer = issuer
  }

  createHallpassOptions(): HallpassModuleOptions {
    return { issuer: this.issuer, store: createMemoryStore() }
  }
}

@Module({ imports: [ConfigModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class FactoryModule {}

/** Needs what Hallpass exports, by its type. */
@Injectable()
class Consumer {
  readonly tokens: TokenService

  constructor(@Inject(TokenService) tokens: TokenService) {
    this.tokens = tokens
  }
}

@Module({ providers: [Consumer] })
class FarModule {}

function compile(...imports: (Type | DynamicModule)[]): Promise<TestingModule> {
  return Test.createTestingModule({ imports, providers: [Consumer] }).compile()
}

async function issuerOf(module: TestingModule): Promise<unknown> {
  const service = module.get(Consumer).tokens
  const { token } = await service.issue({})
  const result = await service.verify(token)
  await module.close()
  return result.valid && result.claims.iss
}

describe('forRoot', () => {
  test('takes the options of a service', async () => {
    const module = await compile(
      HallpassModule.forRoot({ issuer: 'https://direct.example', store: createMemoryStore() }),
    )
    expect(await issuerOf(module)).toBe('https://direct.example')
  })

  test('takes a service', async () => {
    const service = await createTestService()
    const module = await compile(HallpassModule.forRoot({ service }))
    expect(module.get(TokenService)).toBe(service)
    expect(module.get(TokenGuard)).toBeInstanceOf(TokenGuard)
    await module.close()
  })

  test('refuses service options beside a service: they would do nothing', async () => {
    const service = await createTestService()
    const options = { service, issuer: 'https://unused.example' }
    await expect(compile(HallpassModule.forRoot(options))).rejects.toThrow(/`issuer` stands beside `service`/)
  })

  test.each([
    ['a guard option that does not exist', { guard: { scopes: ['a'] } }],
    ['a cost that cannot be charged', { guard: { cost: -1 } }],
    ['a mode that does not exist', { errors: 'next' }],
    ['routes without an authorizer', { routes: { path: 'tokens' } }],
    ['an option that routes do not have', { routes: { path: 'tokens', authorize: () => null, origin: [] } }],
    ['a service that is not there', { service: undefined }],
    ['a setting that does not exist', { route: { path: 'tokens', authorize: () => null } }],
  ])('refuses %s at the start', async (_what, wrong) => {
    const options: HallpassModuleOptions = { service: await createTestService(), ...(wrong as object) }
    const start = async (): Promise<void> => {
      await (await compile(HallpassModule.forRoot(options))).init()
    }
    await expect(start()).rejects.toThrow(ConfigurationError)
  })

  test('is seen only where it is imported, or everywhere with isGlobal', async () => {
    const service = await createTestService()
    const near = Test.createTestingModule({ imports: [HallpassModule.forRoot({ service }), FarModule] })
    await expect(near.compile()).rejects.toThrow(/TokenService/)
    const everywhere = await Test.createTestingModule({
      imports: [HallpassModule.forRoot({ service, isGlobal: true }), FarModule],
    }).compile()
    expect(everywhere.get(Consumer, { strict: false }).tokens).toBe(service)
    await everywhere.close()
  })
})

describe('forRootAsync', () => {
  test('useFactory with inject and imports', async () => {
    const module = await compile(
      HallpassModule.forRootAsync({
        imports: [ConfigModule],
        inject: [ISSUER],
        useFactory: async (issuer: string) => ({ issuer, store: createMemoryStore() }),
      }),
    )
    expect(await issuerOf(module)).toBe('https://configured.example')
  })

  test('useFactory that makes the service itself', async () => {
    const service = await createTestService()
    const module = await compile(HallpassModule.forRootAsync({ useFactory: () => ({ service }) }))
    expect(module.get(TokenService)).toBe(service)
    await module.close()
  })

  test('useClass', async () => {
    const module = await compile(
      HallpassModule.forRootAsync({ imports: [ConfigModule], useClass: OptionsFactory }),
    )
    expect(await issuerOf(module)).toBe('https://configured.example')
  })

  test('useExisting', async () => {
    const module = await compile(
      HallpassModule.forRootAsync({ imports: [FactoryModule], useExisting: OptionsFactory }),
    )
    expect(await issuerOf(module)).toBe('https://configured.example')
  })

  test('isGlobal', async () => {
    const service = await createTestService()
    const module = await Test.createTestingModule({
      imports: [HallpassModule.forRootAsync({ isGlobal: true, useFactory: () => ({ service }) }), FarModule],
    }).compile()
    expect(module.get(Consumer, { strict: false }).tokens).toBe(service)
    await module.close()
  })
})

describe('shutdown', () => {
  test('closes a service that the module made', async () => {
    const store = createMemoryStore()
    const close = vi.spyOn(store, 'close')
    const module = await compile(HallpassModule.forRoot({ issuer: 'https://direct.example', store }))
    expect(close).not.toHaveBeenCalled()
    await module.close()
    expect(close).toHaveBeenCalledTimes(1)
  })

  test('closes a service that was handed over, unless others still use it', async () => {
    const service = await createTestService()
    const close = vi.spyOn(service, 'close')
    await (await compile(HallpassModule.forRoot({ service, closeOnShutdown: false }))).close()
    expect(close).not.toHaveBeenCalled()
    await (await compile(HallpassModule.forRoot({ service }))).close()
    expect(close).toHaveBeenCalledTimes(1)
  })
})

test('the class that is injected has the type of the service', () => {
  expectTypeOf<Service>().toExtend<TokenService>()
  expectTypeOf<TokenService>().toExtend<Service>()
  expectTypeOf<keyof TokenService>().toEqualTypeOf<keyof Service>()
})
