import { afterEach, expect, test, vi } from 'vitest'
import { createReportError, type ReportError } from '../src/index.ts'

const unhandled = vi.fn<(reason: unknown) => void>()
process.on('unhandledRejection', unhandled)
afterEach(() => unhandled.mockClear())

const BROKEN: readonly (readonly [string, ReportError])[] = [
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
]

test.each(BROKEN)('an onError that %s ends nothing', async (_what, onError) => {
  const told: unknown[] = []
  // No mock: it would see to the rejection.
  const report = createReportError((error, where) => {
    told.push(error, where)
    return onError(error, where)
  })
  report('fault', 'some route')
  // Node tells of a rejection when the turn is over.
  await new Promise((resolve) => setImmediate(resolve))
  expect(told).toEqual(['fault', 'some route'])
  expect(unhandled).not.toHaveBeenCalled()
})
