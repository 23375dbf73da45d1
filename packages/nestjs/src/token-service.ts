import type { TokenService as Service } from '@hallpass/core'

/**
 * The token service as a class, so that Nest can inject it by its type:
 * `constructor(private readonly tokens: TokenService)`. Never constructed; what is injected is the service itself.
 */
export abstract class TokenService implements Service {
  abstract readonly issue: Service['issue']
  abstract readonly issueMany: Service['issueMany']
  abstract readonly verify: Service['verify']
  abstract readonly authorize: Service['authorize']
  abstract readonly list: Service['list']
  abstract readonly get: Service['get']
  abstract readonly update: Service['update']
  abstract readonly revoke: Service['revoke']
  abstract readonly revokeAll: Service['revokeAll']
  abstract readonly revokeProject: Service['revokeProject']
  abstract readonly refund: Service['refund']
  abstract readonly usage: Service['usage']
  abstract readonly createPool: Service['createPool']
  abstract readonly findPool: Service['findPool']
  abstract readonly addPoolCredits: Service['addPoolCredits']
  abstract readonly rotateKeys: Service['rotateKeys']
  abstract readonly jwks: Service['jwks']
  abstract readonly purge: Service['purge']
  abstract readonly close: Service['close']
  abstract readonly clientAddress: Service['clientAddress']
  abstract readonly now: Service['now']
}
