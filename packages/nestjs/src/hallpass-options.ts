import type { TokenService, TokenServiceOptions } from '@hallpass/core'
import type { ManagementOptions } from '@hallpass/http'
import type { GuardOptions } from '@hallpass/http/guard'
import {
  type ConfigurableModuleAsyncOptions,
  ConfigurableModuleBuilder,
  type DynamicModule,
} from '@nestjs/common'
import type { RoutePlace } from './handler-controller.ts'

/** Where the management routes stand and who may call them. `N` is Nest's request: Express's or Fastify's. */
export interface TokenRoutesOptions<N = unknown> extends ManagementOptions<N>, RoutePlace {}

/** Who answers a denied request. */
export type ErrorMode = 'respond' | 'throw'

/** What the module takes besides the service. */
export interface HallpassSettings<N = unknown> {
  /** The management routes. Default: none. */
  readonly routes?: TokenRoutesOptions<N> | false
  /** What every `TokenGuard` asks for, where `@RequireToken()` does not say otherwise. */
  readonly guard?: GuardOptions<N>
  /**
   * `respond` (default): a denied request is answered in JSON, also where the app has a global filter that catches
   * everything. `throw`: the app's filters get a `HallpassException` with the same status, code, headers and body.
   */
  readonly errors?: ErrorMode
  /** Close the service when the application shuts down. Default true; false where others still use it. */
  readonly closeOnShutdown?: boolean
}

/** A service that is there already, or what to make one of. */
export type HallpassModuleOptions<N = unknown> = HallpassSettings<N> &
  (TokenServiceOptions | { readonly service: TokenService })

export interface HallpassModuleExtras {
  /** Make `TokenService` and `TokenGuard` usable in every module. Default false. */
  readonly isGlobal?: boolean
}

/** What a class given as `useClass` or `useExisting` implements. */
export interface HallpassOptionsFactory<N = unknown> {
  createHallpassOptions(): HallpassModuleOptions<N> | Promise<HallpassModuleOptions<N>>
}

export type HallpassModuleAsyncOptions<N = unknown> = ConfigurableModuleAsyncOptions<
  HallpassModuleOptions<N>,
  'createHallpassOptions'
> &
  HallpassModuleExtras

/** What the options are provided as. */
export const HALLPASS_OPTIONS: symbol = Symbol('hallpass options')

/** The static methods of the module, with the application's own type of request. */
export interface ModuleHost {
  new (): object
  /** Exports `TokenService` and `TokenGuard`. */
  forRoot<N = unknown>(options: HallpassModuleOptions<N> & HallpassModuleExtras): DynamicModule
  /** The same with options that `useFactory`, `useClass` or `useExisting` provides. */
  forRootAsync<N = unknown>(options: HallpassModuleAsyncOptions<N>): DynamicModule
}

/**
 * Nest's own `forRoot` and `forRootAsync`.
 * @param complete adds what every Hallpass module has, once for each call
 */
export function createModuleHost(complete: (definition: DynamicModule) => DynamicModule): ModuleHost {
  return new ConfigurableModuleBuilder<HallpassModuleOptions<never>>({
    optionsInjectionToken: HALLPASS_OPTIONS,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createHallpassOptions')
    .setExtras<HallpassModuleExtras>({ isGlobal: false }, (definition, { isGlobal = false }) =>
      complete({ ...definition, global: isGlobal }),
    )
    .build().ConfigurableModuleClass
}
