import { TokenService } from '@hallpass/nestjs'
import { Injectable } from '@nestjs/common'

@Injectable()
export class ReportsService {
  constructor(private readonly tokens: TokenService) {}

  async issue(subject: string): Promise<string> {
    const { token } = await this.tokens.issue({ subject, scope: ['reports.read'], expiresIn: '1 hour' })
    return token
  }

  read(subject: string): { reader: string } {
    return { reader: subject }
  }
}
