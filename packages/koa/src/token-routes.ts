import type { TokenService } from '@hallpass/core'
import { type ManagementOptions, managementHandler } from '@hallpass/http'
import type { Context, Middleware } from 'koa'
import { type MountOptions, mount } from './mount.ts'

/** The management routes as middleware: `app.use(tokenRoutes(service, { authorize, prefix: '/tokens' }))`. */
export function tokenRoutes(
  service: TokenService,
  options: ManagementOptions<Context> & MountOptions,
): Middleware<object, object> {
  // A copy, so that no options at all are left to the handler to refuse.
  const { prefix, ...managementOptions } = { ...options }
  return mount(managementHandler(service, managementOptions), prefix === undefined ? {} : { prefix })
}
