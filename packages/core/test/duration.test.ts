import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration } from '../src/duration.ts'
import { TokenRequestError } from '../src/request-error.ts'

describe('the documented rows', () => {
  test.each([
    ['6 hours', 21_600],
    ['30 days', 2_592_000],
    ['1.5 hours', 5400],
    ['1h30m', 5400],
    ['2 weeks, 3 days', 1_468_800],
    ['1 hr 5 min', 3900],
    ['5 days/3 hours', 442_800],
    ['3 dys', 259_200],
    ['1.2 seconds', 1.2],
    ['1.9 minutes', 114],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
    expect(parseDuration(text, { clock: true })).toBe(seconds)
  })

  test.each([
    ['1:30', 90],
    ['01:30:00', 5400],
    ['1:02:03:04', 93_784],
    [':22', 22],
    [':22.5', 22.5],
    ['90:00', 5400],
    ['100:00:00', 360_000],
    ['-1:30', -90],
  ])('the clock %s, where clocks are read', (text, seconds) => {
    expect(parseDuration(text, { clock: true })).toBe(seconds)
    expect(() => parseDuration(text)).toThrow(TokenRequestError)
  })

  test.each([
    '90',
    '1 month',
    '1 year',
    'five hours',
    '5 hours and 3 minutes',
    '1 minute 1 hour',
    '1,000 seconds',
    '',
  ])('refused: %s', (text) => {
    expect(() => parseDuration(text)).toThrow(TokenRequestError)
    expect(() => parseDuration(text, { clock: true })).toThrow(TokenRequestError)
  })

  test('-1 hour is read, and negative: the callers refuse it', () => {
    expect(parseDuration('-1 hour')).toBe(-3600)
  })
})

test.each([
  ['  6 HOURS ', 21_600],
  ['+ 1 h', 3600],
  ['- 1h 30m', -5400],
  ['.5 h', 1800],
  ['1.1 minutes', 66],
  ['0 s', 0],
  ['-0 s', 0],
  ['1w,2d/3h 4m , 5s', 604_800 + 2 * 86_400 + 3 * 3600 + 4 * 60 + 5],
])('reads %j', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

describe('refuses', () => {
  test.each([
    ['MGT-01', 'a life of 1e99 years', '1e99 years'],
    ['MGT-01', 'an exponent', '1e3 s'],
    ['MGT-02', 'a result beyond 2^53', '9007199254740992 s'],
    ['MGT-02', 'a result far beyond, negative', `-${'9'.repeat(80)} weeks`],
    ['MGT-03', 'more than 100 characters', `${' '.repeat(98)}1 s`],
    ['MGT-04', 'another digit script', '\u0661 hour'],
    ['MGT-04', 'a line break', '1 hour\n'],
    ['MGT-04', 'not a number', 'NaN hours'],
  ])('%s %s', (_id, _what, text) => {
    expect(() => parseDuration(text, { clock: true })).toThrow(TokenRequestError)
  })

  test.each([
    '1 hour 2 hours',
    '1.2.3 hours',
    '1. hours',
    'hours',
    '1 hour,',
    ', 1 hour',
    '1 hour,/2 minutes',
    '--1 hour',
    '1 -hour',
    '1:60',
    '1:60:00',
    '1:24:00:00',
    ':5',
    '1:2:3',
    '1:02:03:04:05',
    '1 day, 4:13',
    '.s',
  ])('%j', (text) => {
    expect(() => parseDuration(text, { clock: true })).toThrow(TokenRequestError)
  })

  test('what is no text', () => {
    const given: unknown[] = [90, null, ['1 hour'], { length: 1 }]
    for (const text of given as string[]) expect(() => parseDuration(text)).toThrow(TokenRequestError)
  })

  test('and names the field, not the text', () => {
    const refused = catchError(() => parseDuration('secret words', { field: 'expiresIn' }))
    expect(refused).toMatchObject({ code: 'invalid_request', field: 'expiresIn' })
    expect(refused.message).not.toContain('secret')
    expect(catchError(() => parseDuration('x')).field).toBeNull()
  })
})

test('any amounts in order add up', () => {
  const names = [
    ['w', 'wk', 'wks', 'week', 'weeks', 'WEEKS'],
    ['d', 'dy', 'dys', 'day', 'days'],
    ['h', 'hr', 'hrs', 'hour', 'hours', 'Hours'],
    ['m', 'min', 'mins', 'minute', 'minutes'],
    ['s', 'sec', 'secs', 'second', 'seconds'],
  ]
  const sizes = [604_800, 86_400, 3600, 60, 1]
  const part = fc.record({
    present: fc.boolean(),
    thousandths: fc.nat(5_000_000),
    name: fc.nat(4),
    gap: fc.constantFrom('', ' ', '   '),
    separator: fc.constantFrom(' ', ', ', '/', ' , ', '  '),
  })
  fc.assert(
    fc.property(fc.tuple(part, part, part, part, part), (parts) => {
      const present = parts.flatMap((given, unit) => (given.present ? [{ ...given, unit }] : []))
      fc.pre(present.length > 0)
      const text = present
        .map(({ thousandths, name, gap, separator, unit }, at) => {
          const amount = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`
          return `${at === 0 ? '' : separator}${amount}${gap}${names[unit]?.[name]}`
        })
        .join('')
      fc.pre(text.length <= 100)
      const milliseconds = present.reduce(
        (sum, { thousandths, unit }) => sum + thousandths * (sizes[unit] ?? 0),
        0,
      )
      expect(parseDuration(text)).toBeCloseTo(milliseconds / 1000, 3)
      expect(parseDuration(`-${text}`)).toBe(-parseDuration(text) + 0)
    }),
    { numRuns: 500 },
  )
})

test('any text gives a safe number or the one error, in no time', () => {
  const unit = fc.constantFrom(...'0123456789. ,/:+-hmsdw', 'hour', 'days')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 100 }), fc.boolean(), (text, clock) => {
      try {
        expect(Math.abs(parseDuration(text, { clock }))).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER)
      } catch (error) {
        expect(error).toBeInstanceOf(TokenRequestError)
      }
    }),
    { numRuns: 2000 },
  )
})

function catchError(run: () => unknown): TokenRequestError {
  try {
    run()
  } catch (error) {
    if (error instanceof TokenRequestError) return error
  }
  throw new Error('a TokenRequestError was expected')
}
