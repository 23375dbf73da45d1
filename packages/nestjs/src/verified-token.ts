import { ConfigurationError } from '@hallpass/core'
import type { Auth } from '@hallpass/http/guard'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { readAuth } from './context-auth.ts'

/** `index`, where the parameter that stands there takes an `Auth`; `never` where it does not. */
type AuthIndex<Method, Index extends number> = Method extends (...args: infer Parameters) => unknown
  ? Auth extends Parameters[Index]
    ? Index
    : never
  : never

/** A decorator for parameters of type `Auth`, or `Auth | null` behind an optional guard; the compiler refuses others. */
export type VerifiedTokenDecorator = <T extends object, Key extends keyof T, Index extends number>(
  target: T,
  key: Key,
  index: Index & AuthIndex<T[Key], Index>,
) => void

const decorate = createParamDecorator<undefined, Auth | null>((_data, context: ExecutionContext) => {
  const auth = readAuth(context)
  if (auth === undefined) {
    throw new ConfigurationError('@VerifiedToken() stands on a route that is public or has no TokenGuard')
  }
  return auth
})

/**
 * The token that the guard let in: `@VerifiedToken() auth: Auth`. Null only where the guard is optional and no token
 * came. A request to a route that has no guard, or is public, fails with a ConfigurationError.
 */
export function VerifiedToken(): VerifiedTokenDecorator {
  const parameter = decorate()
  return (target, key, index) => {
    if (typeof key === 'number')
      throw new ConfigurationError('@VerifiedToken() stands on a parameter of a method')
    parameter(target, key, index)
  }
}
