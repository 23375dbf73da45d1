import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDay, parseTime } from '../src/json-time.ts'

test.each([
  ['2026-11-21T18:00:00Z', '2026-11-21T18:00:00.000Z'],
  ['2026-11-21t18:00:00z', '2026-11-21T18:00:00.000Z'],
  ['2026-11-21T18:00:00.1239Z', '2026-11-21T18:00:00.123Z'],
  ['2026-11-21T18:00:00+02:30', '2026-11-21T15:30:00.000Z'],
  ['2026-11-21T18:00:00-02:30', '2026-11-21T20:30:00.000Z'],
  ['2028-02-29T00:00:00-00:00', '2028-02-29T00:00:00.000Z'],
  ['2000-02-29T23:59:59Z', '2000-02-29T23:59:59.000Z'],
])('%s is %s', (text, iso) => {
  expect(parseTime(text)?.toISOString()).toBe(iso)
})

test.each([
  '',
  '2026-11-21',
  '2026-11-21T18:00Z',
  '2026-11-21T18:00:00',
  '2026-11-21 18:00:00Z',
  '2026-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-01-32T00:00:00Z',
  '2026-11-21T24:00:00Z',
  '2026-11-21T18:60:00Z',
  '2026-11-21T18:00:60Z',
  '2026-11-21T18:00:00.Z',
  '2026-11-21T18:00:00.1234567890Z',
  '2026-11-21T18:00:00+24:00',
  '2026-11-21T18:00:00+01:60',
  '2026-11-21T18:00:00+0100',
  '+012026-11-21T18:00:00Z',
  '2026-11-21T18:00:00Z\n',
  '\u0662026-11-21T18:00:00Z',
])('MGT-79 %j is no time', (text) => {
  expect(parseTime(text)).toBeNull()
})

test('every moment that is shown can be read back', () => {
  const dates = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  fc.assert(
    fc.property(dates, fc.integer({ min: -1439, max: 1439 }), (date, minutes) => {
      expect(parseTime(date.toISOString())).toEqual(date)
      const local = new Date(date.getTime() + minutes * 60_000)
      fc.pre(local.getTime() >= 0 && local.getUTCFullYear() <= 9999)
      const offset = Math.abs(minutes)
      const pad = (value: number) => String(value).padStart(2, '0')
      const zone = `${minutes < 0 ? '-' : '+'}${pad(Math.floor(offset / 60))}:${pad(offset % 60)}`
      expect(parseTime(local.toISOString().replace('Z', zone))).toEqual(date)
    }),
  )
})

test('days exist or not', () => {
  expect(['2026-11-21', '2028-02-29'].every(isDay)).toBe(true)
  expect(['2026-02-29', '2026-1-1', 'today', '2026-11-21T00', ''].some(isDay)).toBe(false)
})
