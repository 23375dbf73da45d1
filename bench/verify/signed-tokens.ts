import { randomUUID } from 'node:crypto'
import type { AccessRequest, IssueInput } from '@hallpass/core'
import { type BenchKey, ISSUER } from './keys.ts'

/** What every token of the scenario is bound to. */
export const LIMITS: Required<
  Pick<IssueInput, 'subject' | 'application' | 'ip' | 'paths' | 'scope' | 'httpMethods'>
> = {
  subject: 'ada',
  application: 'bench',
  ip: ['203.0.113.0/24'],
  paths: ['/files/'],
  scope: ['files.read'],
  httpMethods: ['GET'],
}

/** A request that such a token is good for. */
export const GOOD_REQUEST: AccessRequest & Required<Pick<AccessRequest, 'scope'>> = {
  address: '203.0.113.7',
  target: '/files/report.pdf',
  method: 'GET',
  scope: ['files.read'],
}

/** Requests that it is not good for, and the answer each must get. */
export const BAD_REQUESTS: readonly (readonly [denial: string, request: AccessRequest])[] = [
  ['ip_denied', { ...GOOD_REQUEST, address: '198.51.100.7' }],
  ['path_denied', { ...GOOD_REQUEST, target: '/other/report.pdf' }],
  ['method_denied', { ...GOOD_REQUEST, method: 'DELETE' }],
  ['scope_denied', { ...GOOD_REQUEST, scope: ['files.write'] }],
]

/** The text of a token as a native one is, good for an hour, with an id of its own unless one is given. */
export function signToken(key: BenchKey, id: string = randomUUID()): string {
  const { subject, application, ip, paths, scope, httpMethods } = LIMITS
  const issuedAt = Math.floor(Date.now() / 1000)
  const payload = {
    sub: subject,
    client_id: application,
    project: 'default',
    scope: scope.join(' '),
    ip,
    paths,
    methods: httpMethods,
    iss: ISSUER,
    aud: ISSUER,
    iat: issuedAt,
    exp: issuedAt + 3600,
    jti: id,
  }
  const input = `${encode({ alg: key.algorithm, typ: 'at+jwt', kid: key.id })}.${encode(payload)}`
  return `${input}.${key.sign(input).toString('base64url')}`
}

/** The same token with another signature. */
export function spoil(text: string): string {
  const at = text.lastIndexOf('.') + 1
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
