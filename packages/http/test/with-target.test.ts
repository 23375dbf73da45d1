import { expect, test } from 'vitest'
import { createRouteHandler, jsonResponse, withTarget } from '../src/index.ts'
import { createRequest } from './management-call.ts'

test('a request looks the same further down, but for its target', async () => {
  const request = createRequest('POST', '/connect/token?a=1', { json: { b: 2 }, native: 'native' })
  const below = withTarget(request, '/?a=1')
  expect(below).toMatchObject({
    method: 'POST',
    target: '/?a=1',
    originalTarget: request.originalTarget,
    peer: request.peer,
    native: 'native',
  })
  expect(below.headers).toBe(request.headers)
  expect(await below.body(100)).toEqual(await request.body(100))
})

test('a handler can stand at a path of another', async () => {
  const inner = createRouteHandler({
    routes: [{ method: 'GET', path: '/', respond: ({ query }) => jsonResponse(200, { query }) }],
    toRefusal: () => jsonResponse(404, {}),
  })
  const outer = createRouteHandler({
    routes: [
      {
        method: 'GET',
        path: '/in',
        respond: ({ request, query }) => inner(withTarget(request, `/?${query}`)),
      },
    ],
    toRefusal: () => jsonResponse(418, {}),
  })
  expect(await outer(createRequest('GET', '/in?x=1'))).toMatchObject({ status: 200, body: '{"query":"x=1"}' })
  expect(await outer(createRequest('GET', '/out'))).toMatchObject({ status: 418 })
})
