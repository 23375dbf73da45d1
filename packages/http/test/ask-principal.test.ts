import { AccessDeniedError, type Principal, TokenRequestError, toDenial } from '@hallpass/core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { askPrincipal, RouteError, TooManyAttemptsError } from '../src/index.ts'

interface Member extends Principal {
  readonly company: string
}

const MEMBER: Member = { id: 'ada', projects: ['default'], subjects: '*', can: ['issue'], company: 'Ada Ltd' }

describe('askPrincipal', () => {
  it('gives the very principal that the application answered, with what else it holds', async () => {
    const principal = await askPrincipal(async () => MEMBER, expect.fail)
    expectTypeOf(principal).toEqualTypeOf<Member | null>()
    expect(principal).toBe(MEMBER)
    expect(await askPrincipal(() => null, expect.fail)).toBeNull()
    expect(await askPrincipal(() => undefined, expect.fail)).toBeNull()
  })

  it('lets what says more than no through', async () => {
    const errors = [
      new AccessDeniedError(toDenial('token_expired')),
      new TooManyAttemptsError(1),
      new TokenRequestError('store_unavailable', 'the token store does not answer; try again later'),
    ]
    for (const error of errors) {
      await expect(askPrincipal(() => Promise.reject(error), expect.fail)).rejects.toBe(error)
    }
  })

  it('lets nobody in where the application fails or answers something else, and reports it', async () => {
    const answers: readonly (() => unknown)[] = [
      () => {
        throw new Error('S3cret')
      },
      () => Promise.reject(new TokenRequestError('invalid_request', 'S3cret')),
      () => 'ada',
      () => ({ ...MEMBER, projects: 'default' }),
      () => ({ id: 'ada' }),
    ]
    for (const answer of answers) {
      const reported: string[] = []
      const asked = askPrincipal(
        () => answer() as Member,
        (_error, where) => reported.push(where),
      )
      const error: unknown = await asked.catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(RouteError)
      expect(error).toMatchObject({
        code: 'authorization_unavailable',
        message: 'it cannot be found out who you are; try again later',
      })
      // A cause would be printed with the error.
      expect(error instanceof Error && error.cause).toBeUndefined()
      expect(reported).toEqual(['authorize'])
    }
  })
})
