import { isPromise } from '@hallpass/core'
import {
  checkHandler,
  createNodeRequest,
  type Handler,
  type HttpResponse,
  writeResponse,
} from '@hallpass/http'
import type { RequestHandler } from 'express'

/**
 * Middleware that answers everything below its mount with `handler`. May stand before or after a body parser.
 * @throws ConfigurationError for what is no handler, at once
 */
export function mount(handler: Handler): RequestHandler {
  checkHandler(handler)
  return (req, res, next) => {
    const send = (response: HttpResponse): void => writeResponse(response, res, req.method)
    const response = handler(
      createNodeRequest(req, {
        target: req.url,
        originalTarget: req.originalUrl,
        native: req,
        parsedBody: req.body,
      }),
    )
    if (isPromise(response)) response.then(send).catch(next)
    else send(response)
  }
}
