import type { HttpRequest } from '@hallpass/http'

export type ResponseFormat = 'json' | 'xml' | 'jsv' | 'csv'

/** The formats by their names in paths and queries. */
const BY_NAME: ReadonlyMap<string, ResponseFormat> = new Map([
  ['json', 'json'],
  ['xml', 'xml'],
  ['jsv', 'jsv'],
  ['csv', 'csv'],
])

/** By what is asked for in `Accept`, the first that is among it counts. Pages of a browser are answered in JSON. */
const BY_TYPE: readonly (readonly [type: RegExp, format: ResponseFormat])[] = [
  [/^(?:application|text)\/(?:[\w.+-]+\+)?json$/, 'json'],
  [/^(?:text\/html|application\/xhtml\+xml)$/, 'json'],
  [/^(?:application|text)\/(?:[\w.+-]+\+)?xml$/, 'xml'],
  [/^(?:application|text)\/jsv$/, 'jsv'],
  [/^(?:application|text)\/csv$/, 'csv'],
]

/**
 * The format that a request asks its answer to be in: by the extension of its path, else `?format=`, else the first
 * segment, else `Accept`, else JSON. What is not known is passed over, so there is always one.
 */
export function readResponseFormat({ target, headers }: HttpRequest): ResponseFormat {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  const segments = path.split('/').filter((segment) => segment !== '')
  return (
    byName(/\.(\w+)$/.exec(segments.at(-1) ?? '')?.[1]) ??
    byName(/(?:^|&)format=(\w+)(?:&|$)/i.exec(query)?.[1]) ??
    byName(segments[0]) ??
    byAccept(headers.get('accept') ?? []) ??
    'json'
  )
}

function byName(name: string | undefined): ResponseFormat | undefined {
  return name === undefined ? undefined : BY_NAME.get(name.toLowerCase())
}

function byAccept(accept: readonly string[]): ResponseFormat | undefined {
  const ranges = accept.flatMap((line) => line.toLowerCase().split(','))
  const types = ranges.filter((range) => !/;[ \t]*q=0(?:\.0*)?[ \t]*(?:;|$)/.test(range)).map(toType)
  return BY_TYPE.find(([pattern]) => types.some((type) => pattern.test(type)))?.[1]
}

function toType(range: string): string {
  return range.split(';', 1).join('').trim()
}
