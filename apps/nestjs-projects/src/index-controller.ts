import { Controller, Get } from '@nestjs/common'

/** What there is, for anybody. */
@Controller()
export class IndexController {
  @Get()
  read(): Readonly<Record<string, string>> {
    return {
      projects: '/projects',
      users: '/projects/{project}/users',
      documents: '/projects/{project}/documents/{name}',
      tokens: '/tokens/openapi.json',
    }
  }
}
