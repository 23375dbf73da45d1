import { assertInput } from './known-members.ts'
import { parseLabel } from './label.ts'
import { TokenRequestError } from './request-error.ts'
import type { StoreCall } from './store-call.ts'
import type { UsageQuery } from './token-service.ts'
import type { TokenStore, UsageTotal } from './token-store.ts'
import { toDay } from './utc-day.ts'

const DAY_MS = 86_400_000
/** A year and its leap day: a longer report would keep an in-process store busy for too long. */
const MOST_DAYS = 366

/** Calls and credits, summed. @throws TokenRequestError `invalid_request` */
export async function readUsage(
  { store, call, now }: { readonly store: TokenStore; readonly call: StoreCall; readonly now: () => Date },
  query: UsageQuery,
): Promise<readonly UsageTotal[]> {
  assertInput(query, { project: true, from: true, to: true, by: true, subject: true }, 'a usage report')
  const today = now()
  const from = parseDay(query.from ?? toDay(new Date(today.getTime() - 29 * DAY_MS)), 'from')
  const to = parseDay(query.to ?? toDay(today), 'to')
  if (from > to) throw new TokenRequestError('invalid_request', 'from must not be later than to', 'from')
  if (Date.parse(to) - Date.parse(from) >= MOST_DAYS * DAY_MS) {
    throw new TokenRequestError(
      'invalid_request',
      `from and to must be at most ${MOST_DAYS} days apart`,
      'from',
    )
  }
  const { by = 'application', subject } = query
  if (by !== 'application' && by !== 'subject' && by !== 'token') {
    throw new TokenRequestError('invalid_request', 'by must be application, subject or token', 'by')
  }
  const project = parseLabel(query.project, 'project', { max: 128 })
  const whose = subject === undefined ? {} : { subject: parseLabel(subject, 'subject', { max: 256 }) }
  return call(() => store.usage({ project, from, to, by, ...whose }))
}

/** A day that exists, as text that sorts by time. */
function parseDay(text: string, field: string): string {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null
  if (moment !== null && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text)) return text
  throw new TokenRequestError('invalid_request', `${field} must be a day as in 2026-11-21`, field)
}
