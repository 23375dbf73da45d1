import { createMemoryStore } from '@hallpass/core'
import { basicAuth } from '@hallpass/http'
import { Controller, Get, Module, UseGuards } from '@nestjs/common'
import { type Auth, HallpassModule, RequireToken, TokenGuard, VerifiedToken } from '../src/index.ts'

const admin = { id: 'admin', projects: '*', subjects: '*', can: ['issue', 'read', 'list', 'revoke'] } as const
const users = { admin: { password: process.env.ADMIN_PASSWORD ?? '', principal: admin } }

@Controller('reports')
@UseGuards(TokenGuard)
class ReportsController {
  @Get()
  @RequireToken({ scope: ['reports.read'] })
  all(@VerifiedToken() auth: Auth): object {
    return { reader: auth.token.subject }
  }
}

@Module({
  imports: [
    HallpassModule.forRoot({
      issuer: 'https://reports.example',
      store: createMemoryStore(),
      routes: { path: 'tokens', authorize: basicAuth({ users }) },
    }),
  ],
  controllers: [ReportsController],
})
export class AppModule {}
