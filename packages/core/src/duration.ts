import { TokenRequestError } from './request-error.ts'

const MAX_LENGTH = 100

interface Unit {
  readonly rank: number
  readonly seconds: number
}

const UNITS: ReadonlyMap<string, Unit> = new Map(
  [
    { names: ['w', 'wk', 'wks', 'week', 'weeks'], seconds: 604_800 },
    { names: ['d', 'dy', 'dys', 'day', 'days'], seconds: 86_400 },
    { names: ['h', 'hr', 'hrs', 'hour', 'hours'], seconds: 3600 },
    { names: ['m', 'min', 'mins', 'minute', 'minutes'], seconds: 60 },
    { names: ['s', 'sec', 'secs', 'second', 'seconds'], seconds: 1 },
  ].flatMap(({ names, seconds }, rank) => names.map((name): [string, Unit] => [name, { rank, seconds }])),
)

const SIGN = / *([+-]?) */y
const PART = /(\d+(?:\.\d+)?|\.\d+) *([a-z]+)/y
const SEPARATOR = / *[,/]? */y
/** D:HH:MM:SS, H:MM:SS, M:SS or :SS; the seconds may have decimals. */
const CLOCK = /^(?:(?:(?:(\d+):(\d\d)|(\d+)):(\d\d)|(\d{1,2}))?:)(\d\d(?:\.\d+)?)$/

/**
 * Seconds from a text such as `"6 hours"`, `"1h30m"`, `"2 weeks, 3 days"` or `"1.5 hours"`; may be a fraction.
 *
 * An optional sign, then units from weeks to seconds in this order, each at most once, in any case, with spaces,
 * `,` or `/` between them. No months, years, bare numbers or words. A minus makes the result negative: whether
 * that means something is for the caller to say.
 *
 * @param text at most 100 characters
 * @param options `clock`: also `M:SS`, `H:MM:SS`, `D:HH:MM:SS` and `:SS`; `field`: named in the error
 * @throws TokenRequestError `invalid_request`, also for results beyond 2^53
 */
export function parseDuration(
  text: string,
  options: { readonly clock?: boolean; readonly field?: string } = {},
): number {
  const refuse = (why: string): TokenRequestError =>
    new TokenRequestError('invalid_request', `the duration ${why}`, options.field ?? null)
  if (typeof text !== 'string' || text.length > MAX_LENGTH)
    throw refuse(`must be a text of at most ${MAX_LENGTH} characters`)
  const lower = text.toLowerCase()
  const [lead = '', sign] = match(SIGN, lower, 0) ?? []
  const body = lower.slice(lead.length).replace(/ +$/, '')
  const seconds = readUnits(body) ?? (options.clock === true ? readClock(body) : null)
  if (seconds === null) throw refuse('cannot be read; write it like "6 hours" or "1h 30m"')
  if (seconds > Number.MAX_SAFE_INTEGER) throw refuse('is too long')
  return sign === '-' && seconds !== 0 ? -seconds : seconds
}

function readUnits(body: string): number | null {
  let at = 0
  let rank = -1
  let seconds = 0
  while (at < body.length || rank === -1) {
    if (rank !== -1) at += match(SEPARATOR, body, at)?.[0].length ?? 0
    const [part = '', amount = '', name = ''] = match(PART, body, at) ?? []
    const unit = UNITS.get(name)
    if (unit === undefined || unit.rank <= rank) return null
    seconds += multiply(amount, unit.seconds)
    rank = unit.rank
    at += part.length
  }
  return seconds
}

function readClock(body: string): number | null {
  const found = CLOCK.exec(body)
  if (found === null) return null
  const [, days = '0', dayHours, onlyHours = '0', hourMinutes, onlyMinutes = '0', seconds = '0'] = found
  // A part that has a larger one before it must stay below a whole one of that.
  if (Number(dayHours ?? 0) > 23 || Number(hourMinutes ?? 0) > 59 || Number(seconds) >= 60) return null
  return (
    Number(days) * 86_400 +
    Number(dayHours ?? onlyHours) * 3600 +
    Number(hourMinutes ?? onlyMinutes) * 60 +
    Number(seconds)
  )
}

/** A decimal times a whole number without the drift of binary fractions: 1.1 × 60 is 66. */
function multiply(decimal: string, factor: number): number {
  const point = decimal.indexOf('.')
  if (point === -1) return Number(decimal) * factor
  const digits = decimal.slice(0, point) + decimal.slice(point + 1)
  return (Number(digits) * factor) / 10 ** (decimal.length - point - 1)
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
