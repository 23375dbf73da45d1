import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stripMount } from '../src/handler-controller.ts'

const segment = fc.stringMatching(/^[A-Za-z0-9%._~-]{1,8}$/)
const rest = fc.tuple(
  fc.array(fc.stringMatching(/^[A-Za-z0-9%._-]{0,5}$/)),
  fc.stringMatching(/^(\?[a-z/=&]{0,8})?$/),
)

test('as many segments are taken off as the route has, however they are spelt', () => {
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 4 }), rest, (mount, [below, query]) => {
      const route = `${mount.map((_, i) => (i === 1 ? '/:id' : `/m${i}`)).join('')}/{*path}`
      const path = below.map((text) => `/${text}`).join('')
      const target = `${mount.map((text) => `/${text}`).join('')}${path}${query}`
      const expected = path === '' ? `/${query}` : `${path}${query}`
      expect(stripMount(target, route)).toBe(target === '' || target.startsWith('?') ? target : expected)
      expect(stripMount(target, route.replace('{*path}', '*'))).toBe(stripMount(target, route))
    }),
  )
})

test('a target that is not in origin-form stays as it is, for the handler to refuse', () => {
  expect(stripMount('http://host/tokens/x', '/tokens/*')).toBe('http://host/tokens/x')
  expect(stripMount('*', '/tokens/*')).toBe('*')
})

test('a slash in the query is no segment', () => {
  expect(stripMount('/tokens?a=/b/c', '/tokens')).toBe('/?a=/b/c')
  expect(stripMount('/api/tokens?a=/b', '/api/tokens/*')).toBe('/?a=/b')
})
