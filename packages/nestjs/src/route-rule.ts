import { ConfigurationError } from '@hallpass/core'
import type { GuardOptions } from '@hallpass/http/guard'

/** What decorators say of a class or method. */
export type RouteRule<N = never> =
  | { readonly kind: 'public' }
  | { readonly kind: 'require'; readonly options: GuardOptions<N> }

const METADATA = 'hallpass:rule'

/** A decorator that writes the rule down, over what a superclass says and beside what is written already. */
export function declareRule<N>(rule: RouteRule<N>): ClassDecorator & MethodDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const on: object = descriptor?.value ?? target
    const own = Reflect.getOwnMetadata(METADATA, on)
    const inherited = own ?? Reflect.getMetadata(METADATA, on)
    Reflect.defineMetadata(METADATA, own === undefined ? over(inherited, rule) : beside(own, rule), on)
  }
}

/**
 * What the decorators of a handler, its class and the module's defaults come to.
 * @returns null = public
 */
export function readRouteOptions<N>(
  handler: object,
  controller: object,
  defaults: GuardOptions<N>,
): GuardOptions<N> | null {
  const outer = readRule<N>(controller)
  const inner = readRule<N>(handler)
  const rule = inner === undefined ? outer : over(outer, inner)
  if (rule === undefined) return defaults
  return rule.kind === 'public' ? null : { ...defaults, optional: false, ...rule.options }
}

/** Whether a class or method says that a token is needed. */
export function isTokenRequired(target: object): boolean {
  return readRule(target)?.kind === 'require'
}

function readRule<N>(target: object): RouteRule<N> | undefined {
  return Reflect.getMetadata(METADATA, target)
}

/** The inner rule goes over the outer one; a token that is required anew is not optional unless it says so. */
function over<N>(outer: RouteRule<N> | undefined, inner: RouteRule<N>): RouteRule<N> {
  if (inner.kind === 'public' || outer === undefined || outer.kind === 'public') return inner
  return { kind: 'require', options: { ...outer.options, optional: false, ...inner.options } }
}

/** Two decorators on one target, in any order. */
function beside<N>(one: RouteRule<N>, other: RouteRule<N>): RouteRule<N> {
  if (one.kind === 'public' && other.kind === 'public') return one
  if (one.kind === 'public' || other.kind === 'public') {
    throw new ConfigurationError('@Public() and a decorator that asks for a token stand on the same target')
  }
  return { kind: 'require', options: { ...one.options, ...other.options } }
}
