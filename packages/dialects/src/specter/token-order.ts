import { parseDuration } from '@hallpass/core'
import { type HttpRequest, RouteError } from '@hallpass/http'
import { readJson, toMembers } from '../read-json.ts'
import { DESCRIPTION_REFUSED } from './messages.ts'

/** What a POST asks for. */
export interface TokenOrder {
  readonly description: string
  /** Longer than 0; may be a fraction. */
  readonly lifeSeconds: number
}

/**
 * The description and life in a body; members of other names are passed over.
 * @throws RouteError, TokenRequestError for a body that has not got them, or in another form
 */
export async function readTokenOrder(request: HttpRequest): Promise<TokenOrder> {
  const members = toMembers(await readJson(request))
  if (members === null) throw refusal('the body must be a JSON object')
  const description = readText(members.jwt_token_description, 'jwt_token_description').trim()
  const life = readText(members.jwt_token_life, 'jwt_token_life')
  if (description === '') throw refusal(DESCRIPTION_REFUSED)
  const lifeSeconds = parseDuration(life, { clock: true, field: 'expiresIn' })
  // A life is kept in milliseconds.
  if (Math.round(lifeSeconds * 1000) > 0) return { description, lifeSeconds }
  throw refusal('jwt_token_life must be longer than 0 seconds')
}

function readText(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw refusal(value === undefined ? `${name} is missing` : `${name} must be a text`)
}

function refusal(message: string): RouteError {
  return new RouteError('invalid_request', message)
}
