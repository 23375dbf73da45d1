import { type HttpResponse, jsonResponse, type Refusal } from '@hallpass/http'
import { DESCRIPTION_REFUSED } from './messages.ts'

/** The service's fields as this API calls them. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['name', 'jwt_token_description'],
  ['expiresIn', 'jwt_token_life'],
])

/** A refusal as this API writes it: `{ message }`. */
export function toErrorAnswer({ status, code, message, field, headers }: Refusal): HttpResponse {
  if (code === 'name_taken') return jsonResponse(400, { message: DESCRIPTION_REFUSED })
  return jsonResponse(status, { message: toMessage(message, field ?? '') }, headers)
}

/** The service's messages begin with the field's name, or speak of its value. */
function toMessage(message: string, field: string): string {
  const name = FIELDS.get(field)
  if (name === undefined) return message
  return message.startsWith(`${field} `) ? name + message.slice(field.length) : `${name}: ${message}`
}
