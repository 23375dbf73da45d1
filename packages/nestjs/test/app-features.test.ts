import { EventEmitter, once } from 'node:events'
import type { TokenService } from '@hallpass/core'
import { createTestService, issueTestToken } from '@hallpass/core/testing'
import type { Authorize } from '@hallpass/http'
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Get,
  HttpException,
  type INestApplication,
  type NestApplicationOptions,
  type NestInterceptor,
  UseFilters,
  UseGuards,
  VersioningType,
} from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  HallpassException,
  HallpassModule,
  type HallpassSettings,
  TokenDeniedException,
  TokenGuard,
} from '../src/index.ts'
import { bearer, send } from './http-client.ts'
import { PLATFORMS, type RunningApp, startApp } from './nest-platform.ts'

const authorize: Authorize = ({ headers }) =>
  headers.get('x-admin') === 'yes' ? { id: 'admin', projects: '*', subjects: '*', can: ['list'] } : null

const ADMIN = { headers: { 'x-admin': 'yes' } }

/** Where `/files/slow` says that it has begun, and waits. */
const gate = new EventEmitter()

@Controller('files')
@UseGuards(TokenGuard)
class FilesController {
  @Get()
  file(): string {
    return 'bytes'
  }

  @Get('slow')
  async slow(): Promise<string> {
    const released = once(gate, 'release')
    gate.emit('entered')
    await released
    return 'bytes'
  }
}

interface HeaderTaker {
  header(name: string, value: string): unknown
}

/** Wraps what handlers return, and counts. */
class Envelope implements NestInterceptor {
  calls = 0

  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    this.calls += 1
    context.switchToHttp().getResponse<HeaderTaker>().header('x-envelope', 'yes')
    return next.handle()
  }
}

class ClosedOnMondays implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (
      context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>().headers['x-day'] === 'monday'
    ) {
      throw new ForbiddenException('closed')
    }
    return true
  }
}

interface Sender extends HeaderTaker {
  status(code: number): { send(body: string): unknown }
}

/** What many applications have: one filter for everything, with a body of its own. */
@Catch()
class EverythingFilter implements ExceptionFilter {
  readonly seen: unknown[] = []

  catch(exception: unknown, host: ArgumentsHost): void {
    this.seen.push(exception)
    const status = exception instanceof HttpException ? exception.getStatus() : 500
    host.switchToHttp().getResponse<Sender>().status(status).send('<h1>sorry</h1>')
  }
}

describe.each(PLATFORMS)('what an application sets for all routes, on $name', (platform) => {
  let service: TokenService
  let running: RunningApp | undefined
  beforeEach(async () => {
    service = await createTestService()
  })
  afterEach(async () => {
    await running?.close()
    running = undefined
  })

  async function start(
    prepare: (app: INestApplication) => void,
    settings: HallpassSettings = {},
    version?: string,
    options: NestApplicationOptions = {},
  ): Promise<number> {
    const routes = { path: 'tokens', authorize, ...(version !== undefined && { version }) }
    const root: DynamicModule = {
      module: class AppModule {},
      imports: [HallpassModule.forRoot({ service, routes, ...settings })],
      controllers: [FilesController],
    }
    running = await startApp(platform, root, options, prepare)
    return running.port
  }

  test('a global prefix', async () => {
    const port = await start((app) => app.setGlobalPrefix('api/internal'))
    expect((await send(port, '/api/internal/tokens?limit=1', ADMIN)).json()).toEqual({
      tokens: [],
      next: null,
    })
    expect((await send(port, '/api/internal/tokens/jwks.json')).status).toBe(200)
    expect((await send(port, '/tokens', ADMIN)).status).toBe(404)
  })

  test('a version in the path, by default and of its own', async () => {
    const port = await start((app) => {
      app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })
    })
    expect((await send(port, '/api/v1/tokens/jwks.json')).status).toBe(200)
    expect((await send(port, '/api/tokens/jwks.json')).status).toBe(404)
    await running?.close()
    const other = await start(
      (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
      {},
      '2',
    )
    expect((await send(other, '/v2/tokens?limit=1', ADMIN)).json()).toEqual({ tokens: [], next: null })
    expect((await send(other, '/v1/tokens', ADMIN)).status).toBe(404)
  })

  test('interceptors run around the token routes', async () => {
    const envelope = new Envelope()
    const port = await start((app) => app.useGlobalInterceptors(envelope))
    const answer = await send(port, '/tokens', ADMIN)
    expect([answer.status, answer.headers['x-envelope'], envelope.calls]).toEqual([200, 'yes', 1])
  })

  test('guards of the application stand before the token routes, and filters see what they throw', async () => {
    const filter = new EverythingFilter()
    const port = await start((app) => app.useGlobalGuards(new ClosedOnMondays()).useGlobalFilters(filter))
    expect((await send(port, '/tokens', ADMIN)).status).toBe(200)
    const answer = await send(port, '/tokens', { headers: { 'x-admin': 'yes', 'x-day': 'monday' } })
    expect([answer.status, answer.text]).toEqual([403, '<h1>sorry</h1>'])
    expect(filter.seen).toHaveLength(1)
  })

  test('CORS headers are kept on token routes and denials', async () => {
    const port = await start((app) => app.enableCors({ origin: 'https://app.example' }))
    for (const target of ['/tokens/jwks.json', '/tokens', '/files']) {
      const answer = await send(port, target)
      expect(answer.headers['access-control-allow-origin'], target).toBe('https://app.example')
    }
  })

  test('CAR-75 a filter for everything does not change a denial that the guard answers', async () => {
    const filter = new EverythingFilter()
    const port = await start((app) => app.useGlobalFilters(filter))
    const answer = await send(port, '/files')
    expect([answer.status, answer.json().error, answer.headers['www-authenticate']]).toEqual([
      401,
      'token_missing',
      'Bearer',
    ])
    const head = await send(port, '/files', { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.text]).toEqual([
      401,
      answer.headers['content-length'],
      '',
    ])
    expect(filter.seen).toEqual([])
  })

  test('a filter for everything on a controller is asked first, and gets the headers too', async () => {
    @Controller('local')
    @UseGuards(TokenGuard)
    @UseFilters(EverythingFilter)
    class LocalController {
      @Get()
      all(): void {}
    }
    const root: DynamicModule = {
      module: class AppModule {},
      imports: [HallpassModule.forRoot({ service })],
      controllers: [LocalController],
    }
    running = await startApp(platform, root)
    const answer = await send(running.port, '/local')
    expect([answer.status, answer.text, answer.headers['www-authenticate']]).toEqual([
      401,
      '<h1>sorry</h1>',
      'Bearer',
    ])
  })

  test('with errors: throw, filters get the same status, code, headers and body', async () => {
    const filter = new EverythingFilter()
    const port = await start((app) => app.useGlobalFilters(filter), { errors: 'throw' })
    const denied = await send(port, '/files')
    expect([denied.status, denied.text]).toEqual([401, '<h1>sorry</h1>'])
    expect(denied.headers).toMatchObject({ 'www-authenticate': 'Bearer', 'cache-control': 'no-store' })
    const refused = await send(port, '/tokens')
    expect([refused.status, refused.text]).toEqual([401, '<h1>sorry</h1>'])
    const [denial, refusal] = filter.seen
    if (!(denial instanceof TokenDeniedException)) throw new Error('the filter got no denial')
    expect([denial.getStatus(), denial.code, denial.denial.code, denial.message]).toEqual([
      401,
      'token_missing',
      'token_missing',
      'an access token is required',
    ])
    expect(denial.getResponse()).toEqual({ error: 'token_missing', message: 'an access token is required' })
    if (!(refusal instanceof HallpassException)) throw new Error('the filter got no refusal')
    expect([refusal.code, refusal.headers['www-authenticate']]).toEqual(['authentication_required', 'Bearer'])
  })

  test('with errors: throw and no filter, the answer is the same to the byte', async () => {
    const first = await start(() => {})
    const responded = [
      await send(first, '/files'),
      await send(first, '/tokens'),
      await send(first, '/tokens/a/b'),
    ]
    await running?.close()
    const second = await start(() => {}, { errors: 'throw' })
    const thrown = [
      await send(second, '/files'),
      await send(second, '/tokens'),
      await send(second, '/tokens/a/b'),
    ]
    const names = ['content-type', 'content-length', 'www-authenticate', 'cache-control'] as const
    const relevant = ({ status, text, headers }: (typeof thrown)[number]): unknown => [
      status,
      text,
      ...names.map((name) => headers[name]),
    ]
    expect(thrown.map(relevant)).toEqual(responded.map(relevant))
  })

  test('without routes there are none', async () => {
    const port = await start(() => {}, { routes: false })
    expect((await send(port, '/tokens', ADMIN)).status).toBe(404)
    expect((await send(port, '/tokens/jwks.json')).status).toBe(404)
  })

  test('a request that is under way when the application shuts down finds the service open', async () => {
    const close = vi.spyOn(service, 'close')
    const { token } = await issueTestToken(service)
    const port = await start(() => {}, {}, undefined, { forceCloseConnections: false })
    const entered = once(gate, 'entered')
    const answer = send(port, '/files/slow', { headers: bearer(token) })
    await entered
    const closing = running?.close()
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(close).not.toHaveBeenCalled()
    gate.emit('release')
    expect((await answer).status).toBe(200)
    await closing
    expect(close).toHaveBeenCalledTimes(1)
    running = undefined
  })
})
