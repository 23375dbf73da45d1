import type { SpendReceipt } from '@hallpass/core'
import { readAuth, TokenService } from '@hallpass/nestjs'
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common'
import { notFound } from './api-error.ts'
import type { Request } from './http-types.ts'

/**
 * Behind a `TokenGuard`, on routes below `projects/:project`: opens a project to its own tokens only. The guard's option
 * `project` names one project for all requests; here it is the one in the path.
 */
@Injectable()
export class ProjectGuard implements CanActivate {
  private readonly tokens: TokenService

  constructor(@Inject(TokenService) tokens: TokenService) {
    this.tokens = tokens
  }

  async canActivate(context: ExecutionContext): Promise<true> {
    const auth = readAuth(context)
    const { project } = context.switchToHttp().getRequest<Request>().params
    if (auth && auth.token.project === project) return true
    // The token was charged when it was found good, and a refused request costs nothing.
    if (auth?.spend) await this.giveBack(auth.spend)
    throw notFound()
  }

  private async giveBack(spend: SpendReceipt): Promise<void> {
    try {
      await this.tokens.refund(spend)
    } catch {
      // The answer stays what it is; the receipt is what the credits can be given back by later, for one day.
      console.error(`credits were not given back: receipt ${spend.receipt}, ${spend.cost} credits`)
    }
  }
}
