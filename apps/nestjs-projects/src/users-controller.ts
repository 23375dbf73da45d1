import { hashPassword } from '@hallpass/http'
import { TokenService } from '@hallpass/nestjs'
import { Body, Controller, Delete, Get, Inject, Param, Put, UseGuards } from '@nestjs/common'
import { requireProjectAdmin } from './access.ts'
import { AccountGuard, CurrentAccount } from './account-guard.ts'
import type { Account } from './accounts.ts'
import { notFound } from './api-error.ts'
import { parseUserBody } from './bodies.ts'
import { Directory, type User } from './directory.ts'
import { NamePipe } from './names.ts'

type ShownUser = Pick<User, 'name' | 'role'>

@Controller('projects/:project/users')
@UseGuards(AccountGuard)
export class UsersController {
  private readonly directory: Directory
  private readonly tokens: TokenService

  constructor(@Inject(Directory) directory: Directory, @Inject(TokenService) tokens: TokenService) {
    this.directory = directory
    this.tokens = tokens
  }

  @Get()
  list(
    @CurrentAccount() account: Account,
    @Param('project', NamePipe) project: string,
  ): { users: readonly ShownUser[] } {
    requireProjectAdmin(account, project)
    if (this.directory.findProject(project) === null) throw notFound()
    return { users: this.directory.listUsers(project).map(({ name, role }) => ({ name, role })) }
  }

  /** Makes a user, or gives it another password and role. With another role its tokens are revoked. */
  @Put(':user')
  async save(
    @CurrentAccount() account: Account,
    @Param('project', NamePipe) project: string,
    @Param('user', NamePipe) name: string,
    @Body() body: unknown,
  ): Promise<ShownUser> {
    requireProjectAdmin(account, project)
    const { password, role } = parseUserBody(body)
    const before = this.directory.findUser(project, name)
    const passwordHash = await hashPassword(password)
    if (!this.directory.saveUser({ project, name, role, passwordHash })) throw notFound()
    // What it issued as an admin it could not issue now.
    if (before !== null && before.role !== role) await this.tokens.revokeAll({ project, subject: name })
    return { name, role }
  }

  /** Its tokens are refused from now on. */
  @Delete(':user')
  async remove(
    @CurrentAccount() account: Account,
    @Param('project', NamePipe) project: string,
    @Param('user', NamePipe) name: string,
  ): Promise<{ revoked: number }> {
    requireProjectAdmin(account, project)
    if (!this.directory.removeUser(project, name)) throw notFound()
    return { revoked: await this.tokens.revokeAll({ project, subject: name }) }
  }
}
