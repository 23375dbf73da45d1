import { readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { isNativeError } from 'node:util/types'
import { AccessDeniedError, parseRequestPath, type TokenService, toDenial } from '@hallpass/core'
import { type HttpRequest, type HttpResponse, parseQuery, type Route, RouteError } from '@hallpass/http'
import type { CdnEdge } from './options.ts'
import { I3D_PROFILE } from './profile.ts'
import { UNREFERRED } from './refusal.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.ts': 'video/mp2t',
  '.mp3': 'audio/mpeg',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * `GET /cdn/<file>?token=`: the file, where the token opens it for this address at this time.
 * @param toPath what a raw path below the mount is to the router
 */
export function createCdnRoute(
  service: TokenService,
  project: string,
  { vhost, directory }: CdnEdge,
  toPath: (path: string) => string,
): Route {
  const authorize = async (request: HttpRequest, path: string, query: string): Promise<void> => {
    const { token } = parseQuery(query)
    if (token === undefined) throw new AccessDeniedError(toDenial('token_missing'))
    const decision = await service.authorize(token, {
      address: service.clientAddress(request.peer, (name) => request.headers.get(name) ?? []),
      target: `/${vhost}${path}`,
      method: request.method,
      project,
      profiles: [I3D_PROFILE],
      requirePaths: true,
    })
    if (!decision.allowed) throw new AccessDeniedError(decision)
  }
  return {
    method: 'GET',
    path: '/cdn/**:file',
    async respond({ request, path: raw, query }): Promise<HttpResponse> {
      const path = toPath(raw).slice('/cdn'.length)
      await authorize(request, path, query)
      const bytes = await readBelow(directory, path)
      if (bytes === null) throw new RouteError('not_found', 'there is no such file')
      const headers = {
        'content-type': TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
        'x-content-type-options': 'nosniff',
        // A cache would go on answering after a revocation.
        'cache-control': 'private, no-cache',
        ...UNREFERRED,
      }
      return { status: 200, headers, body: bytes }
    },
  }
}

/** The file below a directory that a raw path names; null = none, hidden, or elsewhere by a symbolic link. */
async function readBelow(directory: string, path: string): Promise<Uint8Array | null> {
  const segments = parseRequestPath(path)?.segments.map((bytes) => Buffer.from(bytes, 'latin1').toString())
  if (segments === undefined || segments.some((segment) => segment === '' || segment.startsWith('.')))
    return null
  try {
    const file = await realpath(join(directory, ...segments))
    if (!file.startsWith(directory + sep) || !(await stat(file)).isFile()) return null
    return await readFile(file)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const MISSING: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'])

function isMissing(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && MISSING.has(error.code)
}
