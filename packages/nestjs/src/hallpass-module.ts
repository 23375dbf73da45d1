import { ConfigurationError } from '@hallpass/core'
import { managementHandler } from '@hallpass/http'
import { type DynamicModule, Inject, Module, type NestModule, type Provider, type Type } from '@nestjs/common'
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core'
import { DecoratedRoutes } from './decorated-routes.ts'
import { DenialFilter } from './denial-filter.ts'
import {
  createModuleHost,
  HALLPASS_OPTIONS,
  type HallpassModuleOptions,
  type ModuleHost,
} from './hallpass-options.ts'
import { createHandlerController, type PlacedHandler, placeController } from './handler-controller.ts'
import { createMount, type MountOptions } from './mount-module.ts'
import { openService, ServiceCloser } from './service-provider.ts'
import { GUARD_SETTINGS, type GuardSettings, TokenGuard } from './token-guard.ts'
import { TokenService } from './token-service.ts'

type Options = HallpassModuleOptions<never>

const MANAGEMENT = Symbol('hallpass management routes')
const CONTROLLER = Symbol('hallpass controller')

const PROVIDERS: readonly Provider[] = [
  { provide: TokenService, useFactory: openService, inject: [HALLPASS_OPTIONS] },
  { provide: GUARD_SETTINGS, useFactory: toGuardSettings, inject: [HALLPASS_OPTIONS] },
  { provide: MANAGEMENT, useFactory: toManagement, inject: [TokenService, HALLPASS_OPTIONS] },
  TokenGuard,
  ServiceCloser,
  DecoratedRoutes,
]

const ConfigurableModuleClass: ModuleHost = createModuleHost((definition) => {
  const controller = createHandlerController(MANAGEMENT)
  return {
    ...definition,
    controllers: [controller],
    providers: [...(definition.providers ?? []), ...PROVIDERS, { provide: CONTROLLER, useValue: controller }],
    exports: [TokenService, GUARD_SETTINGS, TokenGuard],
  }
})

/** The token service, its management routes and its guard for a Nest application. */
@Module({})
export class HallpassModule extends ConfigurableModuleClass implements NestModule {
  private readonly options: Options
  private readonly controller: Type
  private readonly host: HttpAdapterHost
  private readonly config: ApplicationConfig

  constructor(
    @Inject(HALLPASS_OPTIONS) options: Options,
    @Inject(CONTROLLER) controller: Type,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ApplicationConfig) config: ApplicationConfig,
  ) {
    super()
    this.options = options
    this.controller = controller
    this.host = host
    this.config = config
  }

  /**
   * Any handler at a path, on a controller of its own. Handlers get the bytes that were sent: on Fastify always, on
   * Express for JSON and forms with Nest's `rawBody: true`.
   */
  static mount(options: MountOptions): DynamicModule {
    return createMount(options)
  }

  /** Called by Nest between the choice of the platform and the reading of the routes. */
  configure(): void {
    const { routes, errors } = this.options
    if (routes) placeController(this.controller, routes, this.host)
    // The last global filter is asked first.
    if (errors !== 'throw') this.config.useGlobalFilters(new DenialFilter())
  }
}

function toGuardSettings({ guard = {}, errors = 'respond' }: HallpassModuleOptions): GuardSettings {
  if (errors !== 'respond' && errors !== 'throw')
    throw new ConfigurationError("`errors` is 'respond' or 'throw'")
  return { defaults: guard, errors }
}

function toManagement(service: TokenService, { routes, errors = 'respond' }: Options): PlacedHandler | null {
  if (!routes) return null
  const { path: _path, version: _version, ...management } = routes
  return { handler: managementHandler<never>(service, management), errors }
}
