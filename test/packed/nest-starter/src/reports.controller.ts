import { type Auth, Public, RequireToken, TokenGuard, VerifiedToken } from '@hallpass/nestjs'
import { Controller, Get, Post, UseGuards } from '@nestjs/common'
import { ReportsService } from './reports.service'

@Controller('reports')
@UseGuards(TokenGuard)
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Post('tokens')
  @Public()
  async issue(): Promise<{ token: string }> {
    return { token: await this.reports.issue('ann') }
  }

  @Get()
  @RequireToken({ scope: ['reports.read'] })
  read(@VerifiedToken() auth: Auth): { reader: string } {
    return this.reports.read(auth.token.subject)
  }
}
