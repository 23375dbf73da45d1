import { ConfigurationError, createTokenService } from '@hallpass/core'
import { checkService } from '@hallpass/http'
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common'
import { HALLPASS_OPTIONS, type HallpassModuleOptions } from './hallpass-options.ts'
import { TokenService } from './token-service.ts'

type Options = HallpassModuleOptions<never>

/** The service that the options hold or describe. @throws ConfigurationError */
export async function openService(options: Options): Promise<TokenService> {
  const { routes: _routes, guard: _guard, errors: _errors, closeOnShutdown: _close, ...rest } = options
  if (!('service' in rest)) return createTokenService(rest)
  const [other] = Object.keys(rest).filter((name) => name !== 'service')
  if (other !== undefined)
    throw new ConfigurationError(`\`${other}\` stands beside \`service\`, which has options of its own`)
  const service = await rest.service
  checkService(service)
  return service
}

/** Closes the service when the server has stopped: requests that are under way still find it open. */
@Injectable()
export class ServiceCloser implements OnApplicationShutdown {
  private readonly options: Options
  private readonly service: TokenService

  constructor(@Inject(HALLPASS_OPTIONS) options: Options, @Inject(TokenService) service: TokenService) {
    this.options = options
    this.service = service
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.options.closeOnShutdown !== false) await this.service.close()
  }
}
