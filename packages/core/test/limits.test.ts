import { describe, expect, test } from 'vitest'
import { readLimits } from '../src/limits.ts'

const LIMITS = { scope: ['files'], ip: ['10.0.0.0/8'], paths: ['/a/'], httpMethods: ['GET'] }

test('equal limits are one object, other ones another', () => {
  const limits = readLimits(LIMITS)
  expect(limits).toMatchObject({ scope: ['files'], httpMethods: ['GET'], texts: LIMITS })
  expect(limits?.ip).toMatchObject([{ text: '10.0.0.0/8' }])
  expect(limits?.paths).toMatchObject([{ text: '/a/' }])
  expect(readLimits(structuredClone(LIMITS))).toBe(limits)
  expect(readLimits({ ...LIMITS, scope: ['files', 'x'] })).not.toBe(limits)
  // Lists that read the same when they are joined.
  expect(readLimits({ ...LIMITS, scope: ['a,b'] })?.scope).toEqual(['a,b'])
  expect(readLimits({ ...LIMITS, scope: ['a', 'b'] })?.scope).toEqual(['a', 'b'])
  expect(readLimits({ ...LIMITS, scope: ['a","b'] })?.scope).toEqual(['a","b'])
})

test('what the application is handed does not change them', () => {
  const scope = ['files']
  const limits = readLimits({ ...LIMITS, scope })
  scope.push('admin')
  expect(limits?.scope).toEqual(['files'])
  for (const list of Object.values(limits?.texts ?? {})) expect(Object.isFrozen(list)).toBe(true)
})

describe('limits that cannot be read are not passed over', () => {
  test.each([
    ['an address that is none', { ip: ['10.0.0.1.2'] }],
    ['too many addresses', { ip: Array.from({ length: 33 }, () => '10.0.0.1') }],
    ['a path without a slash', { paths: ['a'] }],
    ['no path at all', { paths: [] }],
    ['too many paths', { paths: Array.from({ length: 33 }, () => '/a') }],
    ['paths that are left out', { paths: undefined }],
    ['a list of texts that is no list', { scope: { length: 1, 0: 'files' } }],
    ['methods that are left out', { httpMethods: undefined }],
    ['a scope that is left out', { scope: undefined }],
    ['addresses that are left out', { ip: undefined }],
    ['a text instead of a list', { paths: '/a' }],
    ['a list of something else', { ip: [10] }],
    ['a list with a hole', { paths: new Array(1) }],
    ['a scope with a hole', { scope: new Array(1) }],
    ['a list that says it is none', { scope: Object.assign(['files', 'x'], { toJSON: () => null }) }],
    ['texts with a form of their own', { paths: [{ toJSON: () => '/a' }] }],
  ])('%s', (_what, wrong) => {
    // Of the same limits otherwise, which are at hand.
    readLimits(LIMITS)
    // A profile is the application's, and may be written without types.
    expect(readLimits({ ...LIMITS, ...(wrong as object) })).toBeNull()
  })
})
