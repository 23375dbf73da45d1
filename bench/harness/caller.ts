import type { Principal } from '@hallpass/core'
import type { Authorize } from '@hallpass/http'

/** How the clients of management routes say who they are: as cheap as can be, since it is not what is measured. */
export const CALLER_HEADER = 'Authorization: Bearer operator'
const CREDENTIALS = 'Bearer operator'

export const PRINCIPAL: Principal = {
  id: 'operator',
  projects: ['default'],
  subjects: ['ada'],
  can: ['issue', 'read'],
}

export const authorize: Authorize = (call) => toPrincipal(call.header('authorization')[0])

export function toPrincipal(authorization: string | undefined): Principal | null {
  return authorization === CREDENTIALS ? PRINCIPAL : null
}
