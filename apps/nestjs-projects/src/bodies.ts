import { invalidRequest } from './api-error.ts'
import { ROLES, type Role } from './directory.ts'

const CONTROL = /[\x00-\x1f\x7f]/

/** `{ title }` @throws ApiError */
export function parseProjectBody(body: unknown): { readonly title: string } {
  const title = readText(body, 'title')
  if (title.length >= 1 && title.length <= 100 && !CONTROL.test(title)) return { title }
  throw invalidRequest('title must have 1 to 100 characters, none of them a control character')
}

/** `{ password, role? }` @throws ApiError; the message does not repeat the password */
export function parseUserBody(body: unknown): { readonly password: string; readonly role: Role } {
  const password = readText(body, 'password')
  if (password.length < 12 || Buffer.byteLength(password) > 1024 || CONTROL.test(password)) {
    throw invalidRequest('password must have 12 characters or more, none of them a control character')
  }
  const asked: unknown = readField(body, 'role') ?? 'member'
  const role = ROLES.find((known) => known === asked)
  if (role === undefined) throw invalidRequest(`role must be ${ROLES.join(' or ')}`)
  return { password, role }
}

/** `{ text }` @throws ApiError */
export function parseDocumentBody(body: unknown): { readonly text: string } {
  const text = readText(body, 'text')
  if (text.length <= 65_536) return { text }
  throw invalidRequest('text must have at most 65536 characters')
}

function readText(body: unknown, name: string): string {
  const value = readField(body, name)
  if (typeof value === 'string' && value.isWellFormed()) return value
  throw invalidRequest(`the body must be JSON, with ${name} as a string`)
}

function readField(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? Reflect.get(body, name)
    : undefined
}
