import { createTokenService } from './create-token-service.ts'
import { createMemoryStore } from './memory-store.ts'
import type { IssuedToken, IssueInput, TokenService, TokenServiceOptions } from './token-service.ts'

/** A service for an application's own tests: in memory, with keys of its own, no timers that hold a process. */
export function createTestService(options: Partial<TokenServiceOptions> = {}): Promise<TokenService> {
  return createTokenService({
    issuer: 'https://test.example',
    store: createMemoryStore(),
    maintenance: false,
    ...options,
  })
}

/**
 * Issues a token for a test, with the claims, scope and limits that the test is about.
 * @example const { token } = await issueTestToken(service, { subject: 'ada', scope: ['files.read'] })
 */
export function issueTestToken(service: TokenService, input: IssueInput = {}): Promise<IssuedToken> {
  return service.issue({ subject: 'test-subject', name: 'test token', ...input })
}
