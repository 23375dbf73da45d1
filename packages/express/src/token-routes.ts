import type { TokenService } from '@hallpass/core'
import { type ManagementOptions, managementHandler } from '@hallpass/http'
import type { Request, RequestHandler } from 'express'
import { mount } from './mount.ts'

/** The management routes as middleware: `app.use('/tokens', tokenRoutes(service, { authorize }))`. */
export function tokenRoutes(service: TokenService, options: ManagementOptions<Request>): RequestHandler {
  return mount(managementHandler(service, options))
}
