import { type HostGuard, type HostSetup, readServedFile, type StartHost, toEcho } from '@hallpass/testing'
import {
  All,
  Controller,
  type DynamicModule,
  Module,
  NotFoundException,
  Req,
  StreamableFile,
  type Type,
  UseGuards,
} from '@nestjs/common'
import { type Auth, HallpassModule, RequireToken, TokenGuard, VerifiedToken } from '../src/index.ts'
import { type Platform, startApp } from './nest-platform.ts'

@Module({})
class AppModule {}

@Module({})
class GuardedModule {}

interface NativeRequest {
  readonly url: string
}

/** Starts hosts on one platform as Nest's users would: controllers, a global prefix, Nest's own error handling. */
export function startNest(platform: Platform): StartHost {
  return async (setup) => {
    const modules = [
      ...setup.guards.map((guard) => createGuarded(guard, setup, platform)),
      ...setup.routes.map(({ path, service, authorize }) =>
        HallpassModule.forRoot({ service, routes: { path, authorize }, closeOnShutdown: false }),
      ),
      ...setup.handlers.map((mounted) => HallpassModule.mount(mounted)),
    ]
    const root: DynamicModule = { module: AppModule, imports: modules }
    return startApp(platform, root, { bodyParser: setup.bodyParser === 'before' }, (app) => {
      if (setup.prefix !== '') app.setGlobalPrefix(setup.prefix)
      if (setup.bodyParser === 'none') platform.leaveBodies(app)
    })
  }
}

/** A module with a controller behind the guard, on a service of its own. */
function createGuarded(guard: HostGuard, setup: HostSetup, platform: Platform): DynamicModule {
  const { service, options } = guard
  const controller = createController(guard, setup, platform)
  if (!setup.withoutGuard) {
    UseGuards(TokenGuard)(controller)
    RequireToken(options)(controller)
  }
  return {
    module: GuardedModule,
    imports: [HallpassModule.forRoot({ service, closeOnShutdown: false })],
    controllers: [controller],
  }
}

function createController({ path, serve }: HostGuard, setup: HostSetup, platform: Platform): Type {
  if (serve === 'echo') {
    @Controller(path)
    class EchoController {
      @All(['', platform.wildcard])
      echo(@VerifiedToken() auth: Auth | null): unknown {
        return toEcho(auth)
      }
    }
    return EchoController
  }
  const { directory } = serve
  const at = setup.prefix.length + path.length
  @Controller(path)
  class FilesController {
    @All(['', platform.wildcard])
    async file(@Req() request: NativeRequest): Promise<StreamableFile> {
      const bytes = await readServedFile(directory, request.url.slice(at))
      if (bytes === null) throw new NotFoundException()
      return new StreamableFile(bytes)
    }
  }
  return FilesController
}
