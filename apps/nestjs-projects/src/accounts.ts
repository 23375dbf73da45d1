import { createCredentialVerifier, readBasic, type VerifyCredentials } from '@hallpass/http'
import { Inject, Injectable } from '@nestjs/common'
import { Directory, type User } from './directory.ts'

/** Whoever has logged in. */
export type Account = { readonly kind: 'operator' } | ({ readonly kind: 'user' } & Omit<User, 'passwordHash'>)

/** The password of the user `admin`, who sets up projects. */
export const ADMIN_PASSWORD: symbol = Symbol('ADMIN_PASSWORD')

interface Known {
  readonly passwordHash: string
  readonly verify: VerifyCredentials
}

/**
 * Who a login is: `admin`, or a user as `project/name`. Users are looked up anew for each request, so one that is
 * removed or has a new password is known at once in every process. A password is not worked out anew: each verifier
 * remembers for a minute what was right.
 */
@Injectable()
export class Accounts {
  private readonly directory: Directory
  private readonly verifyAdmin: VerifyCredentials
  /** For names that nobody has: costs what a wrong password costs. */
  private readonly verifyNobody: VerifyCredentials
  private readonly verifiers: Map<string, Known> = new Map()

  constructor(@Inject(Directory) directory: Directory, @Inject(ADMIN_PASSWORD) adminPassword: string) {
    this.directory = directory
    this.verifyAdmin = createCredentialVerifier([['admin', adminPassword]])
    this.verifyNobody = createCredentialVerifier([])
  }

  /**
   * @param authorization all `Authorization` headers of a request
   * @returns null = none, malformed or wrong
   * @throws TooManyAttemptsError
   */
  async identify(authorization: readonly string[]): Promise<Account | null> {
    const credentials = readBasic(authorization)
    if (credentials === null) return null
    const { name: login, password } = credentials
    if (login === 'admin') return (await this.verifyAdmin(login, password)) ? { kind: 'operator' } : null
    const user = this.findUser(login)
    const verify = user === null ? this.verifyNobody : this.verifierOf(login, user)
    if (!(await verify(login, password)) || user === null) return null
    // A password takes a while to work out, and meanwhile the user may be removed, or get another role or password.
    const still = this.findUser(login)
    if (still?.passwordHash !== user.passwordHash) return null
    const { passwordHash: _, ...shown } = still
    return { kind: 'user', ...shown }
  }

  private findUser(login: string): User | null {
    const [project = '', name = '', ...rest] = login.split('/')
    return rest.length === 0 ? this.directory.findUser(project, name) : null
  }

  private verifierOf(login: string, { passwordHash }: User): VerifyCredentials {
    const known = this.verifiers.get(login)
    if (known?.passwordHash === passwordHash) return known.verify
    const verify = createCredentialVerifier([[login, { scrypt: passwordHash }]])
    this.verifiers.set(login, { passwordHash, verify })
    return verify
  }
}
