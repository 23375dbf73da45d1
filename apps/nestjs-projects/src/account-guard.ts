import { TooManyAttemptsError } from '@hallpass/http'
import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
} from '@nestjs/common'
import { type Account, Accounts } from './accounts.ts'
import { ApiError } from './api-error.ts'
import type { Request, Response } from './http-types.ts'

export const CHALLENGE = 'Basic realm="nestjs-projects", charset="UTF-8"'

/** Lets requests pass that log in with HTTP Basic. */
@Injectable()
export class AccountGuard implements CanActivate {
  private readonly accounts: Accounts

  constructor(@Inject(Accounts) accounts: Accounts) {
    this.accounts = accounts
  }

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp()
    const request = http.getRequest<Request>()
    const account = await this.identify(request, http.getResponse<Response>())
    if (account === null) {
      http.getResponse<Response>().setHeader('www-authenticate', CHALLENGE)
      throw new ApiError(401, 'authentication_required', 'log in with HTTP Basic')
    }
    request.account = account
    return true
  }

  private async identify(request: Request, response: Response): Promise<Account | null> {
    try {
      return await this.accounts.identify(request.headersDistinct.authorization ?? [])
    } catch (error) {
      if (!(error instanceof TooManyAttemptsError)) throw error
      response.setHeader('retry-after', String(error.retryAfterSeconds))
      throw new ApiError(429, 'too_many_attempts', error.message)
    }
  }
}

/** Who has logged in, behind an `AccountGuard`. */
export const CurrentAccount: () => ParameterDecorator = createParamDecorator(
  (_data: undefined, context: ExecutionContext): Account => {
    const { account } = context.switchToHttp().getRequest<Request>()
    if (account === undefined) throw new TypeError('@CurrentAccount() stands on a route without AccountGuard')
    return account
  },
)
