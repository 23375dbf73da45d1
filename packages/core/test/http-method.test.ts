import { describe, expect, test } from 'vitest'
import { allowsHttpMethod, parseHttpMethods } from '../src/http-method.ts'
import { TokenRequestError } from '../src/request-error.ts'

test('keeps the order and drops what is there already', () => {
  expect(parseHttpMethods(['PUT', 'GET', 'PUT', 'QUERY'])).toEqual(['PUT', 'GET', 'QUERY'])
})

describe('refuses', () => {
  test.each([
    ['MTH-01', 'lower case', 'get'],
    ['MTH-02', 'an unknown method', 'FETCH'],
    ['MTH-03', 'a tunnel', 'CONNECT'],
    ['MTH-04', 'TRACE', 'TRACE'],
    ['MTH-05', 'white space', 'GET '],
    ['MTH-06', 'two in one', 'GET,POST'],
    ['MTH-07', 'a wildcard', '*'],
    ['MTH-08', 'a name of every object', 'constructor'],
  ])('%s %s', (_id, _what, method) => {
    expect(() => parseHttpMethods([method])).toThrow(TokenRequestError)
  })

  test('other lists', () => {
    const refused: unknown[] = [[], 'GET', null, [1], [null], Array.from({ length: 17 }, () => 'GET')]
    for (const values of refused as string[][]) {
      expect(() => parseHttpMethods(values, 'grant.httpMethods')).toThrow(
        expect.objectContaining({ code: 'invalid_request', field: 'grant.httpMethods' }),
      )
    }
    expect(parseHttpMethods(Array.from({ length: 16 }, () => 'GET'))).toEqual(['GET'])
  })
})

test.each([
  [['GET'], 'GET', true],
  [['GET'], 'HEAD', true],
  [['HEAD'], 'HEAD', true],
  [['HEAD'], 'GET', false],
  [['POST'], 'HEAD', false],
  [['GET'], 'POST', false],
  [['GET', 'POST'], 'POST', true],
])('%j allows %s: %s', (methods, method, expected) => {
  expect(allowsHttpMethod(methods, method)).toBe(expected)
})

test('MTH-09 a request in lower case or of an unknown method is not allowed', () => {
  for (const method of ['get', 'Get', 'head', 'GETX', '', 'get\0']) {
    expect(allowsHttpMethod(['GET', 'POST'], method)).toBe(false)
  }
})
