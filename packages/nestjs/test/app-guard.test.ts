import type { TokenService } from '@hallpass/core'
import { createTestService, issueTestToken } from '@hallpass/core/testing'
import type { Authorize } from '@hallpass/http'
import { Controller, type DynamicModule, Get, Header, Post, Query, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Auth, HallpassModule, Public, RequireToken, TokenGuard, VerifiedToken } from '../src/index.ts'
import { bearer, send } from './http-client.ts'
import { PLATFORMS, type RunningApp, startApp } from './nest-platform.ts'

const authorize: Authorize = ({ headers }) =>
  headers.get('x-admin') === 'yes'
    ? { id: 'admin', projects: '*', subjects: '*', can: ['issue', 'read', 'list', 'revoke'] }
    : null

@Controller('reports')
class ReportsController {
  @Get()
  all(@VerifiedToken() auth: Auth): unknown {
    return { remaining: auth.spend?.remaining ?? null }
  }

  /** Guarded once more than it needs to be. */
  @Get('twice')
  @UseGuards(TokenGuard)
  @RequireToken({ cost: 1 })
  twice(@VerifiedToken() auth: Auth): unknown {
    return { remaining: auth.spend?.remaining ?? null }
  }

  @Post()
  @RequireToken({ scope: ['reports.write'] })
  write(): string {
    return 'written'
  }

  @Public()
  @Get('health')
  @Header('x-health', 'good')
  health(@Query('verbose') verbose?: string): string {
    return verbose ?? 'good'
  }
}

describe.each(PLATFORMS)('TokenGuard for all routes, on $name', (platform) => {
  let service: TokenService
  let running: RunningApp
  beforeAll(async () => {
    service = await createTestService()
    const root: DynamicModule = {
      module: class AppModule {},
      imports: [HallpassModule.forRoot({ service, routes: { path: 'tokens', authorize } })],
      controllers: [ReportsController],
      providers: [{ provide: APP_GUARD, useClass: TokenGuard }],
    }
    running = await startApp(platform, root)
  })
  afterAll(() => running.close())

  test('routes that say nothing are closed, with the answer of every other host', async () => {
    const answer = await send(running.port, '/reports')
    expect(answer.status).toBe(401)
    expect(answer.headers).toMatchObject({
      'www-authenticate': 'Bearer',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect(answer.text).toBe('{"error":"token_missing","message":"an access token is required"}')
    const { token } = await issueTestToken(service)
    expect((await send(running.port, '/reports', { headers: bearer(token) })).status).toBe(200)
  })

  test('what a method asks for is asked', async () => {
    const { token } = await issueTestToken(service)
    const denied = await send(running.port, '/reports', { method: 'POST', headers: bearer(token) })
    expect(denied.status).toBe(403)
    expect(denied.headers['www-authenticate']).toBe(
      'Bearer error="insufficient_scope", scope="reports.write"',
    )
    expect(denied.json()).toMatchObject({ error: 'scope_denied', details: { scope: ['reports.write'] } })
    const writer = await issueTestToken(service, { scope: ['reports'] })
    const written = await send(running.port, '/reports', { method: 'POST', headers: bearer(writer.token) })
    expect([written.status, written.text]).toEqual([201, 'written'])
  })

  test('public routes are open', async () => {
    const answer = await send(running.port, '/reports/health?verbose=yes')
    expect([answer.status, answer.text, answer.headers['x-health']]).toEqual([200, 'yes', 'good'])
  })

  test('the management routes ask their own authorizer, not the guard', async () => {
    expect((await send(running.port, '/tokens/jwks.json')).status).toBe(200)
    const stranger = await send(running.port, '/tokens')
    expect([stranger.status, stranger.json().error]).toEqual([401, 'authentication_required'])
    const { token } = await issueTestToken(service)
    expect((await send(running.port, '/tokens', { headers: bearer(token) })).status).toBe(401)
    const admin = { 'x-admin': 'yes', 'content-type': 'application/json' }
    const issued = await send(running.port, '/tokens', {
      method: 'POST',
      headers: admin,
      body: '{"subject":"ada"}',
    })
    expect(issued.status).toBe(201)
    const opened = await send(running.port, '/reports', { headers: bearer(String(issued.json().token)) })
    expect(opened.status).toBe(200)
  })

  test('CAR-70 a guard that is named twice decides and charges once', async () => {
    const { token } = await issueTestToken(service, { credits: 2 })
    const headers = bearer(token)
    const answers = [
      await send(running.port, '/reports/twice', { headers }),
      await send(running.port, '/reports/twice', { headers }),
      await send(running.port, '/reports/twice', { headers }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 402])
    expect(answers.map((answer) => answer.json().remaining)).toEqual([1, 0, undefined])
  })

  test('CAR-71 an absolute-form target does not go round the guard', async () => {
    const target = `http://127.0.0.1:${running.port}/reports`
    expect((await send(running.port, target)).status).toBe(401)
    const { token } = await issueTestToken(service, { paths: ['/reports'] })
    expect((await send(running.port, '/reports', { headers: bearer(token) })).status).toBe(200)
    const answer = await send(running.port, target, { headers: bearer(token) })
    expect([answer.status, answer.json().error]).toEqual([403, 'path_denied'])
  })

  test('CAR-72 an absolute-form target opens no management route', async () => {
    const target = `http://127.0.0.1:${running.port}/tokens`
    const answer = await send(running.port, target, { headers: { 'x-admin': 'yes' } })
    expect([answer.status, answer.json().error]).toEqual([400, 'invalid_request'])
  })

  test('CAR-73 HEAD, OPTIONS and override headers do not go round the guard', async () => {
    expect((await send(running.port, '/reports', { method: 'HEAD' })).status).toBe(401)
    // Without a route for OPTIONS Express says which methods there are, and Fastify that there is nothing.
    const options = await send(running.port, '/reports', { method: 'OPTIONS' })
    expect([200, 401, 404]).toContain(options.status)
    expect(options.text).not.toContain('remaining')
    const headers = { 'x-http-method-override': 'GET', 'x-method-override': 'GET' }
    expect((await send(running.port, '/reports', { method: 'POST', headers })).status).toBe(401)
  })

  test('CAR-74 no spelling of a guarded path is served without a token', async () => {
    const spellings = [
      '/REPORTS',
      '/reports/',
      '//reports',
      '/%72eports',
      '/reports;x',
      '/x/../reports',
      '/reports%2f',
    ]
    for (const target of spellings) {
      const answer = await send(running.port, target)
      expect([400, 401, 404], target).toContain(answer.status)
    }
  })
})
