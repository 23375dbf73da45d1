import type { Account } from './accounts.ts'
import { ApiError, notFound } from './api-error.ts'

/** Who may do what with projects and users. For tokens `toPrincipal` says so. */

/** @throws ApiError 404 for another project's user, whether there is such a project or not; 403 */
export function requireProjectAdmin(account: Account, project: string): void {
  requireProject(account, project)
  if (account.kind === 'user' && account.role !== 'admin') throw notAllowed()
}

/** @throws ApiError 404 for another project's user, whether there is such a project or not; 403 */
export function requireOperator(account: Account, project: string): void {
  requireProject(account, project)
  if (account.kind !== 'operator') throw notAllowed()
}

function requireProject(account: Account, project: string): void {
  if (account.kind === 'user' && account.project !== project) throw notFound()
}

function notAllowed(): ApiError {
  return new ApiError(403, 'action_denied', 'you may not do this')
}
