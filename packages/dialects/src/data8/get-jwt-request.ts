import { isIP } from 'node:net'
import { RouteError } from '@hallpass/http'
import { parseIsoDateTime } from '../iso-date-time.ts'
import { toMembers } from '../read-json.ts'
import type { Data8Credentials } from './account.ts'

/** What GetJWT is asked for, in any of its forms. */
export interface GetJwtRequest {
  readonly credentials: Data8Credentials
  /** Null = from any address. */
  readonly clientIp: string | null
  readonly expiresAt: Date
  /** Empty = all. */
  readonly allowedMethods: readonly string[]
  /** Null = no limit of the token's own. */
  readonly maxCredits: number | null
  /** Null = not named. */
  readonly applicationName: string | null
}

const NAMES: ReadonlySet<string> = new Set([
  'username',
  'password',
  'clientIp',
  'expiresAt',
  'allowedMethods',
  'maxCredits',
  'options',
])
const METHOD = /^[A-Za-z][A-Za-z0-9_]{0,49}(?:\.[A-Za-z][A-Za-z0-9_]{0,49})?$/

/**
 * Reads a request. What is absent is as if it were null.
 * @throws RouteError `invalid_request`; the message repeats nothing of the request
 */
export function parseGetJwtRequest(members: Readonly<Record<string, unknown>>): GetJwtRequest {
  for (const name of Object.keys(members)) {
    // A misspelt limit would limit nothing.
    if (!NAMES.has(name)) throw refusal('the request has a parameter that is not known here')
  }
  const { username, password, clientIp, expiresAt, allowedMethods, maxCredits, options } = members
  return {
    credentials: {
      username: parseText(username ?? '', 'username'),
      password: parseText(password ?? '', 'password'),
    },
    clientIp: parseClientIp(clientIp ?? ''),
    expiresAt: parseExpiresAt(expiresAt ?? ''),
    allowedMethods: parseMethods(allowedMethods ?? []),
    maxCredits: parseMaxCredits(maxCredits ?? null),
    applicationName: parseApplicationName(options ?? {}),
  }
}

function parseText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw refusal(`${name} must be a text`)
  return value
}

/** Blank is documented as any address. */
function parseClientIp(value: unknown): string | null {
  const text = parseText(value, 'clientIp')
  if (text === '') return null
  if (isIP(text) === 0) throw refusal('clientIp must be an IPv4 or IPv6 address, or null')
  return text
}

function parseExpiresAt(value: unknown): Date {
  const text = parseText(value, 'expiresAt')
  if (text === '') throw refusal('expiresAt is missing')
  const moment = parseIsoDateTime(text)
  if (moment === null) throw refusal('expiresAt must be a date and time as in 2026-11-21T12:00:00Z')
  return moment
}

function parseMethods(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw refusal('allowedMethods must be a list')
  return value.map((name: unknown) => {
    // An entry that is blank must not come to mean all of them.
    if (typeof name === 'string' && METHOD.test(name)) return name
    throw refusal('allowedMethods must hold names as in Service or Service.Method')
  })
}

function parseMaxCredits(value: unknown): number | null {
  if (value === null || (typeof value === 'number' && Number.isSafeInteger(value) && value > 0)) return value
  throw refusal('maxCredits must be a whole number from 1 to 2^53 - 1, or null')
}

function parseApplicationName(value: unknown): string | null {
  const options = toMembers(value)
  if (options === null) throw refusal('options must be names with their values')
  const name = options.ApplicationName ?? null
  return name === null ? null : parseText(name, 'ApplicationName')
}

function refusal(message: string): RouteError {
  return new RouteError('invalid_request', message)
}
