import { TokenService } from '@hallpass/nestjs'
import { Body, Controller, Delete, Get, Inject, Param, Put, UseGuards } from '@nestjs/common'
import { requireOperator } from './access.ts'
import { AccountGuard, CurrentAccount } from './account-guard.ts'
import type { Account } from './accounts.ts'
import { notFound } from './api-error.ts'
import { parseProjectBody } from './bodies.ts'
import { Directory, type Project } from './directory.ts'
import { NamePipe } from './names.ts'

/** What a new project begins with, so that there is something to read. */
const FIRST_DOCUMENT = 'welcome.txt'

@Controller('projects')
@UseGuards(AccountGuard)
export class ProjectsController {
  private readonly directory: Directory
  private readonly tokens: TokenService

  constructor(@Inject(Directory) directory: Directory, @Inject(TokenService) tokens: TokenService) {
    this.directory = directory
    this.tokens = tokens
  }

  /** All for `admin`, for others their own. */
  @Get()
  list(@CurrentAccount() account: Account): { projects: readonly Project[] } {
    if (account.kind === 'operator') return { projects: this.directory.listProjects() }
    return { projects: this.directory.listProjects().filter(({ name }) => name === account.project) }
  }

  @Put(':project')
  save(
    @CurrentAccount() account: Account,
    @Param('project', NamePipe) name: string,
    @Body() body: unknown,
  ): Project {
    requireOperator(account, name)
    const project = { name, ...parseProjectBody(body) }
    const isNew = this.directory.findProject(name) === null
    this.directory.saveProject(project)
    if (isNew) this.directory.saveDocument(name, FIRST_DOCUMENT, `Welcome to ${project.title}.\n`)
    return project
  }

  /** With its users and documents; its tokens are refused from now on. */
  @Delete(':project')
  async remove(
    @CurrentAccount() account: Account,
    @Param('project', NamePipe) name: string,
  ): Promise<{ revoked: number }> {
    requireOperator(account, name)
    // Before its tokens: whoever asks for a new one in between is nobody any more.
    if (!this.directory.removeProject(name)) throw notFound()
    return { revoked: await this.tokens.revokeProject(name) }
  }
}
