const DAY = /^(\d{4})(-?)(\d\d)\2(\d\d)$/
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?$/
/** An offset behind the milliseconds says how to show the moment, not which one it is. */
const MILLISECONDS = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/
/** What JavaScript makes of a Date in a query string. */
const SCRIPT =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d\d) (\d{4}) (\d\d):(\d\d):(\d\d) GMT([+-])(\d\d)(\d\d)(?: \([^()]{0,64}\))?$/
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/**
 * The moment that a text means: `2030-01-31`, `20300131`, ISO 8601 with `Z`, an offset or no zone (which is UTC),
 * `/Date(ms)/`, or what JavaScript writes for a Date.
 * @returns undefined for any other text, and for days and times that do not exist
 */
export function parseDateText(text: string): Date | undefined {
  const milliseconds = MILLISECONDS.exec(text)
  if (milliseconds !== null) return toDate(Number(milliseconds[1]))
  const day = DAY.exec(text)
  if (day !== null) return toMoment([day[1], day[3], day[4]], [], undefined, [])
  const iso = ISO.exec(text)
  if (iso !== null) {
    const [, year, month, date, hour, minute, second, fraction, sign, ...offset] = iso
    return toMoment([year, month, date], [hour, minute, second, fraction], sign, offset)
  }
  const script = SCRIPT.exec(text)
  if (script === null) return undefined
  const [, name = '', date, year, hour, minute, second, sign, ...offset] = script
  const month = String(MONTHS.indexOf(name) / 3 + 1)
  return toMoment([year, month, date], [hour, minute, second], sign, offset)
}

type Parts = readonly (string | undefined)[]

function toMoment(
  [year, month, day]: Parts,
  [hour = '0', minute = '0', second = '0', fraction = '']: Parts,
  sign: string | undefined,
  [offsetHour = '0', offsetMinute = '0']: Parts,
): Date | undefined {
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  // A day that does not exist has become one of the next month.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  if (Number(offsetHour) > 14 || Number(offsetMinute) > 59) return undefined
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
  const offsetMinutes = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1)
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes
  return toDate(date.getTime() + (minutes * 60 + Number(second)) * 1000 + milliseconds)
}

function toDate(milliseconds: number): Date | undefined {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? undefined : date
}
