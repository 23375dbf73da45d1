import { ConfigurationError } from '@hallpass/core'
import { createTestService } from '@hallpass/core/testing'
import { BodyError, type Handler } from '@hallpass/http'
import { Body, Controller, type DynamicModule, type INestApplication, Post } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { HallpassModule, type MountOptions, TokenService } from '../src/index.ts'
import { send } from './http-client.ts'
import { PLATFORMS, type RunningApp, startApp } from './nest-platform.ts'

/** Says what it was handed. */
const inspect: Handler = async (request) => {
  const reply = (status: number, value: object): Awaited<ReturnType<Handler>> => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  })
  try {
    const body = await request.body(10_000)
    const read = body instanceof Uint8Array ? { bytes: Buffer.from(body).toString('latin1') } : body
    const { method, target } = request
    const { headers } = request.native as { headers: Record<string, unknown> }
    const type = request.headers.get('content-type') ?? null
    return reply(200, { method, target, type, nativeType: headers['content-type'] ?? null, ...read })
  } catch (error) {
    if (error instanceof BodyError) return reply(400, { error: error.code })
    throw error
  }
}

@Controller('notes')
class NotesController {
  @Post()
  write(@Body() note: unknown): unknown {
    return { note: note ?? null }
  }
}

describe.each(PLATFORMS)('a mounted handler on $name', (platform) => {
  let running: RunningApp | undefined
  afterEach(async () => {
    await running?.close()
    running = undefined
  })

  async function start(
    mounts: readonly MountOptions[],
    prepare: (app: INestApplication) => void = () => {},
    options: { readonly rawBody?: boolean } = {},
  ): Promise<number> {
    const service = await createTestService()
    const root: DynamicModule = {
      module: class AppModule {},
      imports: [
        HallpassModule.forRoot({ service, isGlobal: true }),
        ...mounts.map((options) => HallpassModule.mount(options)),
      ],
      controllers: [NotesController],
    }
    running = await startApp(platform, root, options, prepare)
    return running.port
  }

  const at = (path: string): MountOptions => ({ path, handler: inspect })

  test('answers its path and everything below it, for every method', async () => {
    const port = await start([at('vendor/api')])
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      expect((await send(port, '/vendor/api/a/b?c=d', { method })).json(), method).toMatchObject({
        method,
        target: '/a/b?c=d',
      })
    }
    expect((await send(port, '/vendor/api')).json().target).toBe('/')
    expect((await send(port, '/vendor/api?x')).json().target).toBe('/?x')
    expect((await send(port, '/vendor/api/')).json().target).toBe('/')
    expect((await send(port, '/vendor/apis')).status).toBe(404)
    const head = await send(port, '/vendor/api/a', { method: 'HEAD' })
    expect([head.status, head.text, Number(head.headers['content-length']) > 0]).toEqual([200, '', true])
  })

  test('several stand beside each other, also at the root of a prefix with a parameter', async () => {
    const port = await start([at('one'), at('two/')], (app) => app.setGlobalPrefix(':tenant'))
    expect((await send(port, '/acme/one/x%2Fy')).json().target).toBe('/x%2Fy')
    expect((await send(port, '/acme/two/z')).json().target).toBe('/z')
  })

  test('may stand at the root', async () => {
    const port = await start([at('')])
    expect((await send(port, '/anything/at/all')).json().target).toBe('/anything/at/all')
    expect((await send(port, '/')).json().target).toBe('/')
  })

  test('is made of injected things', async () => {
    const port = await start([
      {
        path: 'keys',
        inject: [TokenService],
        useFactory:
          (tokens: TokenService): Handler =>
          async () => ({ status: 200, headers: {}, body: JSON.stringify(await tokens.jwks()) }),
      },
    ])
    expect((await send(port, '/keys')).json()).toHaveProperty('keys')
  })

  test('gets the bytes of any type, and bodies of other routes are parsed as before', async () => {
    const port = await start([at('raw')])
    const bytes = Buffer.from([0, 0xff, 0xfe, 0x0a])
    for (const type of ['application/octet-stream', 'text/plain', 'text/xml; charset=latin1', 'x/y']) {
      const headers = { 'content-type': type }
      const answer = await send(port, '/raw', { method: 'POST', headers, body: bytes })
      expect(answer.json(), type).toMatchObject({
        bytes: bytes.toString('latin1'),
        type: [type],
        nativeType: type,
      })
    }
    const untyped = await send(port, '/raw', { method: 'POST', body: bytes })
    expect(untyped.json()).toMatchObject({ bytes: bytes.toString('latin1'), type: null, nativeType: null })
    const json = { 'content-type': 'application/json' }
    const note = await send(port, '/notes', { method: 'POST', headers: json, body: '{"a":1}' })
    expect(note.json()).toEqual({ note: { a: 1 } })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const other = await send(port, '/notes', { method: 'POST', headers: form, body: 'a=1' })
    expect(other.json()).toEqual({ note: { a: '1' } })
  })

  test('gets the bytes of JSON and forms where the application keeps them', async () => {
    const port = await start([at('raw')], () => {}, { rawBody: true })
    for (const [type, body] of [
      ['application/json', '{"a":1,"a":2}'],
      ['application/x-www-form-urlencoded', 'a=1&a=2'],
    ] as const) {
      const answer = await send(port, '/raw', { method: 'POST', headers: { 'content-type': type }, body })
      expect(answer.json(), type).toMatchObject({ bytes: body, type: [type] })
    }
  })

  test('gets what a parser made of JSON, or the bytes', async () => {
    const port = await start([at('raw')])
    const headers = { 'content-type': 'application/json' }
    const answer = await send(port, '/raw', { method: 'POST', headers, body: '{"a":1}' })
    expect(answer.json()).toMatchObject(
      platform.name === 'fastify' ? { bytes: '{"a":1}' } : { parsed: { a: 1 } },
    )
  })

  test('CAR-76 a body that cannot be parsed or has no good type is always answered', async () => {
    const port = await start([at('raw')])
    const send400 = async (type: string, body: string): Promise<number> => {
      const answer = await send(port, '/raw', { method: 'POST', headers: { 'content-type': type }, body })
      return answer.status
    }
    expect([200, 400]).toContain(await send400('application/json', '{"a":'))
    expect([200, 400]).toContain(await send400('application/json', '{"__proto__":{}}'))
    expect(await send400('garbage', 'x')).toBe(200)
    expect(await send400('', 'x')).toBe(200)
    expect(await send400('multipart/form-data', 'x')).toBe(200)
    expect(await send400('text/plain', 'x'.repeat(20_000))).toBe(400)
  })

  test('CAR-77 a body that somebody has drained is answered', async () => {
    const port = await start([at('raw')], (app) => {
      app.use((request: NodeJS.ReadableStream, _response: unknown, next: () => void) => {
        request.on('end', next)
        request.resume()
      })
    })
    const headers = { 'content-type': 'text/plain' }
    const answer = await send(port, '/raw', { method: 'POST', headers, body: 'gone' })
    expect([answer.status, answer.json().error]).toEqual([400, 'body_unreadable'])
  })

  test('CAR-78 the type that routes have inside is no type for clients', async () => {
    const port = await start([at('raw')])
    const headers = { 'content-type': 'application/vnd.hallpass.raw' }
    const other = await send(port, '/notes', { method: 'POST', headers, body: 'x' })
    expect([other.status, other.text]).toEqual(
      platform.name === 'fastify' ? [415, expect.any(String)] : [201, '{"note":null}'],
    )
    expect((await send(port, '/raw', { method: 'POST', headers, body: 'x' })).json()).toMatchObject({
      bytes: 'x',
      type: ['application/vnd.hallpass.raw'],
    })
  })
})

test('what is no handler is refused, at once or when its factory has made it', async () => {
  for (const options of [undefined, { path: 'a' }, { path: 'a', handler: undefined }]) {
    expect(() => Reflect.apply(HallpassModule.mount, HallpassModule, [options])).toThrow(ConfigurationError)
  }
  const imports = [HallpassModule.mount({ path: 'a', useFactory: () => JSON.parse('null') })]
  await expect(Test.createTestingModule({ imports }).compile()).rejects.toThrow('the handler is missing')
})

test('an option that a mount does not have is refused at once', () => {
  const options = { path: 'a', handler: inspect, prefix: '/a' }
  expect(() => HallpassModule.mount(options)).toThrow(ConfigurationError)
  expect(() => HallpassModule.mount(options)).toThrow('HallpassModule.mount has no option `prefix`')
})
