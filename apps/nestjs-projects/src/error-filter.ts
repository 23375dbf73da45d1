import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common'
import { ApiError, notFound } from './api-error.ts'
import type { Response } from './http-types.ts'

/**
 * One form of JSON for everything that goes wrong. Nest's own would repeat the path of a request that has no route, and
 * the part of a body that is no JSON.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter<unknown> {
  catch(exception: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>()
    const error = toApiError(exception)
    if (response.headersSent) response.destroy()
    else response.status(error.getStatus()).json(error.getResponse())
  }
}

function toApiError(exception: unknown): HttpException {
  if (exception instanceof ApiError) return exception
  const status = exception instanceof HttpException ? exception.getStatus() : 500
  if (status === 404) return notFound()
  if (status === 413) return new ApiError(413, 'body_too_large', 'the body is too large')
  if (status < 500) return new ApiError(status, 'invalid_request', 'the request is malformed')
  console.error(`a request failed: ${exception instanceof Error ? exception.name : typeof exception}`)
  return new ApiError(500, 'internal_error', 'something went wrong')
}
