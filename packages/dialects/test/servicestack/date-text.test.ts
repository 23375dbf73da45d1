import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDateText } from '../../src/servicestack/date-text.ts'

describe('parseDateText', () => {
  it.each([
    ['2030-01-31', '2030-01-31T00:00:00.000Z'],
    ['20300131', '2030-01-31T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['2030-01-31T10:20:30Z', '2030-01-31T10:20:30.000Z'],
    ['2030-01-31T10:20Z', '2030-01-31T10:20:00.000Z'],
    ['2030-01-31t10:20:30z', '2030-01-31T10:20:30.000Z'],
    ['2030-01-31T10:20:30', '2030-01-31T10:20:30.000Z'],
    ['2030-01-31 10:20:30', '2030-01-31T10:20:30.000Z'],
    ['2030-01-31T10:20:30.1234567Z', '2030-01-31T10:20:30.123Z'],
    ['2030-01-31T10:20:30.5', '2030-01-31T10:20:30.500Z'],
    ['2030-01-31T10:20:30+02:00', '2030-01-31T08:20:30.000Z'],
    ['2030-01-31T10:20:30-0930', '2030-01-31T19:50:30.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['/Date(1900000000000)/', '2030-03-17T17:46:40.000Z'],
    ['/Date(1900000000000+0200)/', '2030-03-17T17:46:40.000Z'],
    ['/Date(-62135596800000)/', '0001-01-01T00:00:00.000Z'],
    ['Thu Jan 31 2030 10:20:30 GMT+0200 (Central European Standard Time)', '2030-01-31T08:20:30.000Z'],
    ['Thu Jan 31 2030 10:20:30 GMT+0000', '2030-01-31T10:20:30.000Z'],
  ])('reads %s', (text, iso) => {
    expect(parseDateText(text)?.toISOString()).toBe(iso)
  })

  it.each([
    '',
    'soon',
    '2030',
    '2030-01',
    '203001311',
    '2030-0131',
    '2030-13-01',
    '2030-00-10',
    '2030-01-00',
    '2030-02-30',
    '2029-02-29',
    '99999-01-01',
    '-2030-01-01',
    '2030-01-31T',
    '2030-01-31T24:00:00Z',
    '2030-01-31T10:60:00Z',
    '2030-01-31T10:20:60Z',
    '2030-01-31T10:20:30+15:00',
    '2030-01-31T10:20:30+02:60',
    '2030-01-31T10:20:30 02:00',
    '2030-01-31T10:20:30Z\n',
    '31.01.2030',
    '01/31/2030',
    '1900000000',
    '/Date(99999999999999999)/',
    '/Date(9999999999999999)/',
    '/Date(1e9)/',
    '/Date()/',
    'Thu Jan 32 2030 10:20:30 GMT+0000',
    'Thu Foo 31 2030 10:20:30 GMT+0000',
    'Invalid Date',
    '٢٠٣٠-٠١-٣١',
  ])('refuses %j', (text) => {
    expect(parseDateText(text)).toBeUndefined()
  })

  it('reads what JavaScript writes for any date of four-digit years', () => {
    const dates = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(dates, (date) => {
        expect(parseDateText(date.toISOString())).toEqual(date)
        expect(parseDateText(`/Date(${date.getTime()})/`)).toEqual(date)
        const shown = String(date)
        expect(parseDateText(shown)?.getTime()).toBe(Math.floor(date.getTime() / 1000) * 1000)
      }),
    )
  })
})
