const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d{2}):(\d{2}))?)?$/i

/**
 * The moment of a text such as `2026-11-21T12:00:00Z`, `2026-11-21T13:00:00.5+01:00`, `2026-11-21T12:00:00` or
 * `2026-11-21`. Without a zone it is UTC. Null = no such text, or no such day or time.
 * @see RFC 3339 section 5.6
 */
export function parseIsoDateTime(text: string): Date | null {
  const found = DATE_TIME.exec(text)
  if (found === null) return null
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part = '0') => Number(part))
  const [fraction = '', , sign, offsetHour = '0', offsetMinute = '0'] = found.slice(7)
  const isTime = (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60
  if (!isTime || Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null
  const moment = new Date(0)
  moment.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day)
  // The calendar carries 30 February over into March.
  if (moment.getUTCMonth() + 1 !== month || moment.getUTCDate() !== day) return null
  moment.setUTCHours(hour ?? 0, minute ?? 0, second ?? 0, Number(fraction.slice(0, 3).padEnd(3, '0')))
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1)
  return new Date(moment.getTime() - offset * 60_000)
}
