import type { JsonObject } from '@hallpass/core'
import { type HttpResponse, type ReportError, RouteError, readRefusal } from '@hallpass/http'
import { type Operation, PRIVATE_HEADERS, writeAnswer } from './answer.ts'
import { BindingError, type FieldError } from './binding-error.ts'
import type { ResponseFormat } from './response-format.ts'

/** What is answered where no operation was found. */
export const NO_OPERATION: Operation = { name: 'Error', result: null }

const UNBOUND = 'SerializationException'

/** `errorCode` by status: names of .NET's exceptions and of HTTP. */
const ERROR_CODES: ReadonlyMap<number, string> = new Map([
  [400, 'ArgumentException'],
  [402, 'PaymentRequired'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [409, 'Conflict'],
  [413, 'RequestEntityTooLarge'],
  [415, 'UnsupportedMediaType'],
  [429, 'TooManyRequests'],
  [503, 'ServiceUnavailable'],
])

/** The answer to whatever was thrown: `{ responseStatus }` in the format that was asked for. */
export function toRefusalAnswer(
  error: unknown,
  format: ResponseFormat,
  operation: Operation,
  report: ReportError,
): HttpResponse {
  if (error instanceof BindingError) return toUnbound(format, operation, error.errors)
  const { status, message, field, headers } = readRefusal(error, report, 'servicestack')
  // Documented so: a challenge, and nothing to read.
  if (status === 401) return { status, headers: { ...PRIVATE_HEADERS, ...headers }, body: null }
  if (status === 400 && error instanceof RouteError && operation !== NO_OPERATION) {
    return toUnbound(format, operation, [{ fieldName: '', message }])
  }
  const errorCode = ERROR_CODES.get(status) ?? 'InternalServerError'
  const errors = field === null ? [] : [{ errorCode, fieldName: field, message }]
  return writeAnswer(format, operation, status, toStatus(errorCode, message, errors), headers)
}

function toUnbound(format: ResponseFormat, operation: Operation, found: readonly FieldError[]): HttpResponse {
  const errors = found.map(({ fieldName, message }) => ({ errorCode: UNBOUND, fieldName, message }))
  const message = `Unable to bind to request '${operation.name}'`
  return writeAnswer(format, operation, 400, toStatus(UNBOUND, message, errors))
}

function toStatus(errorCode: string, message: string, errors: readonly JsonObject[]): JsonObject {
  return { responseStatus: { errorCode, message, ...(errors.length > 0 && { errors }) } }
}
