import { HttpException } from '@nestjs/common'

/** What a route answers when it cannot serve a request, in the form of the token routes. The message is for the client. */
export class ApiError extends HttpException {
  constructor(status: number, error: string, message: string) {
    super({ error, message }, status)
  }
}

/** One answer for what is not there and for what is another project's, so that neither can be told from the other. */
export function notFound(): ApiError {
  return new ApiError(404, 'not_found', 'there is nothing here')
}

export function invalidRequest(message: string): ApiError {
  return new ApiError(400, 'invalid_request', message)
}
