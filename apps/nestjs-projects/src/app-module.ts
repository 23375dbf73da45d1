import { HallpassModule } from '@hallpass/nestjs'
import { type DynamicModule, Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { AccountGuard } from './account-guard.ts'
import { Accounts, ADMIN_PASSWORD } from './accounts.ts'
import { Directory } from './directory.ts'
import { DocumentsController } from './documents-controller.ts'
import { ErrorFilter } from './error-filter.ts'
import { IndexController } from './index-controller.ts'
import type { Data } from './open-data.ts'
import { ProjectsController } from './projects-controller.ts'
import { createTokenAuthorizer } from './token-authorizer.ts'
import { UsersController } from './users-controller.ts'

/** Who there is: projects, users and how they log in. */
@Module({})
class AccountsModule {}

/** Projects and users behind passwords, documents behind tokens, the token routes at `/tokens`. */
@Module({
  controllers: [IndexController, ProjectsController, UsersController, DocumentsController],
  providers: [AccountGuard, { provide: APP_FILTER, useClass: ErrorFilter }],
})
class AppModule {}

/** The application on what is in the data folder. */
export function createAppModule({ service, directory }: Data, adminPassword: string): DynamicModule {
  const accounts: DynamicModule = {
    module: AccountsModule,
    providers: [
      { provide: Directory, useValue: directory },
      { provide: ADMIN_PASSWORD, useValue: adminPassword },
      Accounts,
    ],
    exports: [Directory, Accounts],
  }
  const hallpass = HallpassModule.forRootAsync({
    imports: [accounts],
    inject: [Accounts, Directory],
    useFactory: (known: Accounts, knownProjects: Directory) => ({
      service,
      routes: { path: 'tokens', authorize: createTokenAuthorizer(known, knownProjects) },
      // Every token that is issued here is bound to paths; one that is not is not from here.
      guard: { requirePaths: true },
    }),
  })
  return { module: AppModule, imports: [accounts, hallpass] }
}
