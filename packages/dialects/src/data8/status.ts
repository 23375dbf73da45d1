import type { JsonObject } from '@hallpass/core'
import { type HttpResponse, type Refusal, type ReportError, readRefusal } from '@hallpass/http'

/** The head of every answer. */
export interface Status {
  readonly Success: boolean
  /** Empty on success. */
  readonly ErrorMessage: string
  /** 0 where it is not known. */
  readonly CreditsRemaining: number
}

/** An answer before it has a form: JSON or SOAP. */
export type Answer = JsonObject & { readonly Status: JsonObject & Status }

export function toSuccess(creditsRemaining: number, result: JsonObject): Answer {
  return { Status: { Success: true, ErrorMessage: '', CreditsRemaining: creditsRemaining }, ...result }
}

export function toFailure(message: string, creditsRemaining = 0): Answer {
  return { Status: { Success: false, ErrorMessage: message, CreditsRemaining: creditsRemaining } }
}

/** Writes an answer in one form. */
export type WriteAnswer = (
  status: number,
  answer: Answer,
  headers?: Readonly<Record<string, string>>,
) => HttpResponse

/** The service's names of what a request holds, in the words of the API. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['subject', 'username'],
  ['ip', 'clientIp'],
  ['scope', 'allowedMethods'],
  ['credits', 'maxCredits'],
  ['application', 'ApplicationName'],
])

function toMessage({ message, field }: Refusal): string {
  const name = field === null ? undefined : FIELDS.get(field)
  return name === undefined ? message : message.replace(new RegExp(`\\b${field}\\b`), name)
}

/** A refusal of the routing: nothing here, not this way. Keeps its HTTP status. */
export function writeRefusal(error: unknown, write: WriteAnswer, report: ReportError): HttpResponse {
  const refusal = readRefusal(error, report, 'data8 route')
  return write(refusal.status, toFailure(toMessage(refusal)), refusal.headers)
}

/** What an operation answers, or refuses: always with HTTP 200, except where the fault is on this side. */
export async function respond(
  operation: () => Promise<Answer>,
  write: WriteAnswer,
  report: ReportError,
): Promise<HttpResponse> {
  try {
    return write(200, await operation())
  } catch (error) {
    const refusal = readRefusal(error, report, 'data8 route')
    return refusal.status >= 500
      ? write(refusal.status, toFailure(toMessage(refusal)), refusal.headers)
      : write(200, toFailure(toMessage(refusal)))
  }
}
