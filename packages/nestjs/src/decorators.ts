import type { GuardOptions } from '@hallpass/http/guard'
import { declareRule } from './route-rule.ts'

/**
 * Says what a `TokenGuard` asks of a token on a class or method. What a method says goes over what its class says,
 * and that over the module's `guard` option. Does not guard by itself: without `@UseGuards(TokenGuard)` or a
 * `TokenGuard` as `APP_GUARD` the application refuses to start.
 * @throws ConfigurationError next to `@Public()` on the same class or method
 */
export function RequireToken<N = unknown>(options: GuardOptions<N> = {}): ClassDecorator & MethodDecorator {
  return declareRule({ kind: 'require', options })
}

/** Lets requests without a token pass; one that is there must still be good. */
export function OptionalToken(): ClassDecorator & MethodDecorator {
  return declareRule({ kind: 'require', options: { optional: true } })
}

/** Exempts a class or method from every `TokenGuard`. A method's `@RequireToken()` goes over its class's `@Public()`. */
export function Public(): ClassDecorator & MethodDecorator {
  return declareRule({ kind: 'public' })
}
