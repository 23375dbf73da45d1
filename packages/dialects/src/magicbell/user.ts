import { createHash } from 'node:crypto'

/** Who a user token is for: one of the two is known, or both. */
export interface MagicBellUser {
  readonly email: string | null
  /** The caller's own id of the user. */
  readonly externalId: string | null
}

/** How a user can be named in a path. */
export const USER_KINDS = ['id', 'external_id', 'email'] as const
export type UserKind = (typeof USER_KINDS)[number]

/** What a list of tokens is filtered by. */
export type UserFilter = { readonly subject: string } | { readonly application: string }

/** Application of the tokens that are found by nothing but their subject. */
export const APPLICATION = 'magicbell'

/**
 * Where the tokens of a user are kept. The subject is the user's id, and follows from the external id, else from the
 * email: nobody has to be registered first. A store finds tokens by subject and by application, so that the email,
 * which may come beside an external id, is the application.
 */
export function toUserPlace(
  project: string,
  { email, externalId }: MagicBellUser,
): { readonly subject: string; readonly application: string } {
  return {
    subject:
      externalId === null
        ? toUuid([project, 'email', toMailbox(email ?? '')])
        : toUuid([project, 'external_id', externalId]),
    application: email === null ? APPLICATION : toEmailApplication(project, email),
  }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The ways in which a name can be meant, the likeliest first. Whatever looks like an id or an email may be an external id. */
export function toUserKinds(named: string): readonly UserKind[] {
  return USER_KINDS.filter(
    (kind) => kind === 'external_id' || (kind === 'id' ? UUID.test(named) : named.includes('@')),
  )
}

/** What finds the tokens of a user who is named in one of three ways. */
export function toUserFilter(project: string, kind: UserKind, named: string): UserFilter {
  if (kind === 'id') return { subject: named.toLowerCase() }
  if (kind === 'email') return { application: toEmailApplication(project, named) }
  return { subject: toUuid([project, 'external_id', named]) }
}

function toEmailApplication(project: string, email: string): string {
  return `${APPLICATION}-email-${toUuid([project, 'email', toMailbox(email)])}`
}

/** Nobody has two mailboxes that differ in case only. */
function toMailbox(email: string): string {
  return email.toLowerCase()
}

/** The same parts give the same UUID. @see RFC 9562 section 5.8 */
function toUuid(parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16)
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
