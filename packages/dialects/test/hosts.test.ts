import { type Handler, jsonResponse } from '@hallpass/http'
import { describe, expect, it } from 'vitest'
import { HOSTS } from './hosts.ts'

/** Answers with what it was handed. */
function createEcho(name: string): Handler {
  return async (request) => {
    const body = await request.body(100)
    const text = body instanceof Uint8Array ? Buffer.from(body).toString() : null
    return jsonResponse(201, [name, request.method, request.target, request.originalTarget, text])
  }
}

describe.each(HOSTS)('%s', (_name, start) => {
  it('hands each handler the target below its mount and the bytes that were sent', async () => {
    const host = await start([
      { path: '/a', handler: createEcho('first') },
      { path: '/b/c', handler: createEcho('second') },
    ])
    const send = async (path: string): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(host.url + path, { method: 'POST', headers, body: '{"x": 1' })
      return [answer.status, await answer.json()]
    }
    try {
      expect(await send('/a//x/y.z?q=1')).toEqual([
        201,
        ['first', 'POST', '//x/y.z?q=1', '/a//x/y.z?q=1', '{"x": 1'],
      ])
      expect(await send('/b/c')).toEqual([201, ['second', 'POST', '/', '/b/c', '{"x": 1']])
    } finally {
      await host.close()
    }
  })
})
