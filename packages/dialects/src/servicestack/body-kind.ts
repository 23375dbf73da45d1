import { type RequestHeaders, RouteError } from '@hallpass/http'

/** How a body is written. */
export type BodyKind = 'json' | 'xml' | 'jsv' | 'form' | 'multipart'

const KINDS: readonly (readonly [type: RegExp, kind: BodyKind])[] = [
  [/^(?:application|text)\/(?:[\w.+-]+\+)?json$/, 'json'],
  [/^(?:application|text)\/(?:[\w.+-]+\+)?xml$/, 'xml'],
  [/^(?:application|text)\/jsv$/, 'jsv'],
  [/^application\/x-www-form-urlencoded$/, 'form'],
  [/^multipart\/form-data$/, 'multipart'],
]
const CHARSET = /;[ \t]*charset[ \t]*=[ \t]*"?([^";\s]*)/i
const UTF8 = /^(?:utf-?8|us-ascii)$/i

/**
 * How the body is written, by its Content-Type; JSON where none is given.
 * @throws RouteError `unsupported_media_type` for another type, another charset than UTF-8, or two types
 */
export function readBodyKind(headers: RequestHeaders): BodyKind {
  const [contentType, ...more] = headers.get('content-type') ?? ['application/json']
  const [type = ''] = contentType?.split(';', 1) ?? []
  const name = type.trim().toLowerCase()
  const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1]
  const charset = CHARSET.exec(contentType ?? '')?.[1]
  if (kind === undefined || more.length > 0 || (charset !== undefined && !UTF8.test(charset))) {
    throw new RouteError(
      'unsupported_media_type',
      'the body must be JSON, XML, JSV, a form or a multipart form, in UTF-8',
    )
  }
  return kind
}
