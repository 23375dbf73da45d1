import { ownsRecord, type Principal, resolveProject, resolveSubject, type TokenRecord } from '@hallpass/core'
import { RouteError } from './request-errors.ts'

/** What is nobody's and what is somebody else's get one answer, so that neither can be told from the other. */
export function notFound(): RouteError {
  return new RouteError('not_found', 'there is no such token')
}

/**
 * The project that a principal looks into.
 * @throws RouteError `not_found` for somebody else's
 * @throws TokenRequestError `project_required`
 */
export function readProject(principal: Principal, named: string | undefined): string {
  if (named !== undefined && principal.projects !== '*' && !principal.projects.includes(named))
    throw notFound()
  return resolveProject(principal, named)
}

/**
 * The subject that a principal looks at; `undefined` = all of them.
 * @throws RouteError `not_found` for somebody else's
 * @throws TokenRequestError `subject_required`
 */
export function readSubject(principal: Principal, named: string | undefined): string | undefined {
  if (principal.subjects === '*') return named
  if (named !== undefined && !principal.subjects.includes(named)) throw notFound()
  return resolveSubject(principal, named)
}

/** The record, if it is the principal's. @throws RouteError `not_found` */
export function requireOwn(principal: Principal, record: TokenRecord | null): TokenRecord {
  if (record !== null && ownsRecord(principal, record)) return record
  throw notFound()
}
