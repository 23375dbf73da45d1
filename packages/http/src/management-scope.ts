import type { Action } from '@hallpass/core'

/** Everything that a principal can be allowed to do. */
export const ACTIONS: readonly Action[] = ['issue', 'read', 'list', 'verify', 'update', 'revoke']

const ALL = 'hallpass'

/** The actions that a token's scope opens on the management routes: `hallpass` all, `hallpass.issue` one. */
export function toActions(scope: readonly string[]): readonly Action[] {
  return scope.includes(ALL) ? ACTIONS : ACTIONS.filter((action) => scope.includes(toActionScope(action)))
}

/** The scope that opens one action. */
export function toActionScope(action: Action): string {
  return `${ALL}.${action}`
}

/** Whether a scope is about the management routes. */
export function isManagementScope(scope: string): boolean {
  return scope === ALL || scope.startsWith(`${ALL}.`)
}

/** Whether a principal that can do `can` may put this scope into a token: never more than it can do itself. */
export function mayHandOn(can: readonly Action[], scope: string): boolean {
  return !isManagementScope(scope) || toActions([scope]).every((action) => can.includes(action))
}
