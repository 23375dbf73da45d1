const TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

/**
 * A moment written as RFC 3339, with any offset. Fractions are cut to milliseconds.
 * @returns null for a date that does not exist, a leap second, or another way of writing
 * @see RFC 3339 section 5.6
 */
export function parseTime(text: string): Date | null {
  const parts = TIME.exec(text)
  if (parts === null) return null
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign,
    offsetHour = '0',
    offsetMinute = '0',
  ] = parts
  if (!isRealDay(Number(year), Number(month), Number(day))) return null
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null
  const local = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`,
  )
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000
  return new Date(sign === '-' ? local + offsetMs : local - offsetMs)
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/

/** Whether the text is a day that exists, written `2026-11-21`. */
export function isDay(text: string): boolean {
  const parts = DAY.exec(text)
  return parts !== null && isRealDay(Number(parts[1]), Number(parts[2]), Number(parts[3]))
}

function isRealDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = month === 2 ? (isLeapYear ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
  return day <= days
}
