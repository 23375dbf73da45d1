import { grantExceeded } from './grant-exceeded.ts'
import type { Principal } from './principal.ts'
import { TokenRequestError } from './request-error.ts'
import type { StoredToken } from './token.ts'

const DEFAULT_PROJECT = 'default'

/**
 * The project a call is about: the one it names, else the principal's only one, else `default` if it may.
 * @throws TokenRequestError `grant_exceeded` for a project that is not the principal's, `project_required`
 */
export function resolveProject(principal: Principal, project: string | undefined): string {
  const { projects } = principal
  if (project !== undefined) {
    if (projects === '*' || projects.includes(project)) return project
    throw grantExceeded('project')
  }
  if (projects !== '*' && projects.length === 1 && projects[0] !== undefined) return projects[0]
  if (projects === '*' || projects.includes(DEFAULT_PROJECT)) return DEFAULT_PROJECT
  throw new TokenRequestError('project_required', 'name a project', 'project')
}

/**
 * The subject of a token to be issued: the one named, else the principal's only one, else its own id.
 * @throws TokenRequestError `grant_exceeded` for a subject that is not the principal's, `subject_required`
 */
export function resolveSubject(principal: Principal, subject: string | undefined): string {
  const { subjects, id } = principal
  if (subject !== undefined) {
    if (subjects === '*' || subjects.includes(subject)) return subject
    throw grantExceeded('subject')
  }
  if (subjects !== '*' && subjects.length === 1 && subjects[0] !== undefined) return subjects[0]
  if (subjects === '*' || subjects.includes(id)) return id
  throw new TokenRequestError('subject_required', 'name a subject', 'subject')
}

/** Whether a token is among the principal's projects and subjects. */
export function ownsRecord(principal: Principal, token: Pick<StoredToken, 'project' | 'subject'>): boolean {
  return (
    (principal.projects === '*' || principal.projects.includes(token.project)) &&
    (principal.subjects === '*' || principal.subjects.includes(token.subject))
  )
}
