import type { HttpResponse, ReportError } from '@hallpass/http'
import { jsonResponse, readRefusal } from '@hallpass/http'

/** What the service calls a field, in i3D's words. */
const FIELDS: Readonly<Record<string, string>> = {
  expiresAt: 'exp',
  notBefore: 'nbf',
  paths: 'file',
  claims: 'file',
}

/** For answers whose own address may hold a token. */
export const UNREFERRED: Readonly<Record<string, string>> = { 'referrer-policy': 'no-referrer' }

/** `{ code, message }`: `code` is the status. */
export function toI3dRefusal(error: unknown, report: ReportError): HttpResponse {
  const { status, message, field, headers } = readRefusal(error, report, 'i3d')
  const name = field === null ? null : (FIELDS[field] ?? field)
  const said = message.replace(/\b(?:expiresAt|notBefore|paths|claims)\b/g, (word) => FIELDS[word] ?? word)
  const text = name === null || said.includes(name) ? said : `${name}: ${said}`
  return jsonResponse(status, { code: status, message: text }, { ...UNREFERRED, ...headers })
}
