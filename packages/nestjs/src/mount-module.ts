import { assertOptions, type KnownMembers } from '@hallpass/core'
import { checkHandler, type Handler } from '@hallpass/http'
import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type NestModule,
  type Type,
} from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import {
  createHandlerController,
  type PlacedHandler,
  placeController,
  type RoutePlace,
} from './handler-controller.ts'

/** A handler and where it stands. `useFactory` makes one of injected things: `inject: [TokenService]`. */
export type MountOptions = RoutePlace &
  (
    | { readonly handler: Handler }
    | (Pick<ModuleMetadata, 'imports'> & {
        readonly useFactory: FactoryProvider<Handler>['useFactory']
        readonly inject?: FactoryProvider['inject']
      })
  )

const NAMES: KnownMembers<MountOptions> = {
  path: true,
  version: true,
  handler: true,
  imports: true,
  useFactory: true,
  inject: true,
}

const HANDLER = Symbol('hallpass handler')
const PLACED_HANDLER = Symbol('hallpass placed handler')
const MOUNT = Symbol('hallpass mount')

interface Mount {
  readonly controller: Type
  readonly place: RoutePlace
}

/** One handler at one path. Import as many as there are handlers. */
@Module({})
export class MountModule implements NestModule {
  private readonly mount: Mount
  private readonly host: HttpAdapterHost

  constructor(@Inject(MOUNT) mount: Mount, @Inject(HttpAdapterHost) host: HttpAdapterHost) {
    this.mount = mount
    this.host = host
  }

  configure(): void {
    placeController(this.mount.controller, this.mount.place, this.host)
  }
}

/** @throws ConfigurationError */
export function createMount(options: MountOptions): DynamicModule {
  assertOptions(options, NAMES, 'HallpassModule.mount has')
  if (!('useFactory' in options)) checkHandler(options.handler)
  const controller = createHandlerController(PLACED_HANDLER)
  const mount: Mount = { controller, place: options }
  return {
    module: MountModule,
    imports: 'imports' in options ? (options.imports ?? []) : [],
    controllers: [controller],
    providers: [
      { provide: MOUNT, useValue: mount },
      'handler' in options
        ? { provide: HANDLER, useValue: options.handler }
        : { provide: HANDLER, useFactory: options.useFactory, inject: options.inject ?? [] },
      {
        provide: PLACED_HANDLER,
        useFactory: placeHandler,
        inject: [HANDLER],
      },
    ],
  }
}

/** @throws ConfigurationError for what a factory made that is no handler */
function placeHandler(handler: Handler): PlacedHandler {
  checkHandler(handler)
  return { handler, errors: 'respond' }
}
