import type { Action, Principal } from '@hallpass/core'
import type { Account } from './accounts.ts'
import type { Directory } from './directory.ts'

const DAY_SECONDS = 86_400

/** Whose tokens an account may issue, see and revoke, and the most that it may put into one. */
export function toPrincipal(account: Account, action: Action, directory: Directory): Principal {
  if (account.kind === 'operator') {
    // Sees and revokes everything. It issues nothing: only a grant binds tokens to the paths of their project.
    return { id: 'admin', projects: '*', subjects: '*', can: ['read', 'list', 'revoke'] }
  }
  const { project, name, role } = account
  // An admin that names no subject issues for itself: its id is among the subjects.
  const id = name
  if (role === 'admin') {
    return {
      id,
      projects: [project],
      // Issues for users that there are, and lists and revokes also what those have left behind that are gone.
      subjects: action === 'issue' ? directory.listUsers(project).map((user) => user.name) : '*',
      can: ['issue', 'read', 'list', 'verify', 'update', 'revoke'],
      grant: { paths: [`/projects/${project}/`], scope: ['documents'], maxLifeSeconds: 90 * DAY_SECONDS },
    }
  }
  return {
    id,
    projects: [project],
    subjects: [name],
    can: ['issue', 'read', 'list', 'revoke'],
    grant: {
      paths: [`/projects/${project}/documents/`],
      scope: ['documents.read'],
      httpMethods: ['GET'],
      maxLifeSeconds: DAY_SECONDS,
      credits: 100,
    },
  }
}
