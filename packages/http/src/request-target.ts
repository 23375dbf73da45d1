import { toFieldName } from '@hallpass/core'
import type { HttpRequest } from './handler.ts'
import { RouteError } from './request-errors.ts'

/** A target below a mount, split and found harmless. */
export interface RequestTarget {
  /** Raw; begins with `/`. */
  readonly path: string
  /** Raw, without its `?`; empty where there is none. */
  readonly query: string
}

// Backslash, fragment, anything but visible ASCII, bad escapes, escaped dot, slash, backslash, percent or control
// character, and dot segments (also in the `..;` spelling).
const HOSTILE_PATH =
  /[\\#]|[^\x21-\x7e]|%(?![0-9a-f]{2})|%(?:2[ef5]|5c|[01][0-9a-f]|7f)|(?:^|\/)\.{1,2}(?:[/;]|$)/i
const HOSTILE_QUERY = /#|[^\x21-\x7e]/

/**
 * The path and query of a request below its mount.
 * @throws RouteError `invalid_request` for a target that is not in origin-form, holds dot segments, `%2e`, `%2f`,
 * `%5c` or another spelling that two readers may understand in two ways
 */
export function parseRequestTarget(request: HttpRequest): RequestTarget {
  const { target, originalTarget } = request
  const original = split(originalTarget)
  const below = split(target === '' || target.startsWith('?') ? `/${target}` : target)
  if (original === null || below === null) {
    throw new RouteError('invalid_request', 'the request target is not acceptable')
  }
  return below
}

function split(target: string): RequestTarget | null {
  if (!target.startsWith('/')) return null
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  return HOSTILE_PATH.test(path) || HOSTILE_QUERY.test(query) ? null : { path, query }
}

/**
 * The parameters of a query string or form, each at most once.
 * @throws RouteError `invalid_request` for a repeated one, a bad escape or invalid UTF-8
 */
export function parseQuery(query: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null)
  for (const [name, value] of parsePairs(query)) {
    if (name in parameters) {
      throw new RouteError('invalid_request', 'a parameter is given twice', {
        field: toFieldName(name),
      })
    }
    parameters[name] = value
  }
  return parameters
}

/**
 * The parameters of a query string or form in their order, repeated ones and all.
 * @throws RouteError `invalid_request` for a bad escape or invalid UTF-8
 */
export function parsePairs(query: string): readonly (readonly [name: string, value: string])[] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals === -1
        ? [decode(pair), '']
        : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
    })
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new RouteError('invalid_request', 'the parameters are not well encoded')
  }
}
