import type { JsonObject } from '@hallpass/core'
import { createTestService, issueTestToken } from '@hallpass/core/testing'
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  type NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common'
import { expect, expectTypeOf, test } from 'vitest'
import {
  type Auth,
  HallpassModule,
  OptionalToken,
  readAuth,
  TokenGuard,
  VerifiedToken,
} from '../src/index.ts'
import { bearer, send } from './http-client.ts'
import { PLATFORMS, startApp } from './nest-platform.ts'

const seen: (string | null | undefined)[] = []

/** An interceptor of an application that wants to know who is calling. */
class Witness implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    const request = context.switchToHttp().getRequest<{ auth?: Auth | null }>()
    expect(request.auth).toBe(readAuth(context))
    seen.push(readAuth(context)?.token.subject)
    return next.handle()
  }
}

@Controller('who')
@UseInterceptors(Witness)
class WhoController {
  @Get('guarded')
  @UseGuards(TokenGuard)
  guarded(@VerifiedToken() auth: Auth): unknown {
    return { subject: auth.token.subject, project: auth.record?.project }
  }

  @Get('optional')
  @UseGuards(TokenGuard)
  @OptionalToken()
  optional(@VerifiedToken() auth: Auth | null): unknown {
    return { subject: auth?.token.subject ?? 'nobody' }
  }

  @Get('forgotten')
  forgotten(@VerifiedToken() auth: Auth): unknown {
    return { subject: auth.token.subject }
  }
}

test.each(PLATFORMS)('the verified token is a parameter of the method on $name', async (platform) => {
  const service = await createTestService()
  const { token } = await issueTestToken(service)
  const root = {
    module: class AppModule {},
    imports: [HallpassModule.forRoot({ service })],
    controllers: [WhoController],
  }
  const { port, close } = await startApp(platform, root)
  seen.length = 0
  const headers = bearer(token)
  expect((await send(port, '/who/guarded', { headers })).json()).toEqual({
    subject: 'test-subject',
    project: 'default',
  })
  expect((await send(port, '/who/optional', { headers })).json()).toEqual({ subject: 'test-subject' })
  expect((await send(port, '/who/optional')).json()).toEqual({ subject: 'nobody' })
  expect(seen).toEqual(['test-subject', 'test-subject', undefined])
  await close()
})

test.each(PLATFORMS)(
  'CAR-69 a route whose guard was forgotten fails instead of serving on $name',
  async (platform) => {
    const service = await createTestService()
    const { token } = await issueTestToken(service)
    const root = {
      module: class AppModule {},
      imports: [HallpassModule.forRoot({ service })],
      controllers: [WhoController],
    }
    const { port, close } = await startApp(platform, root)
    const answer = await send(port, '/who/forgotten', { headers: bearer(token) })
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('test-subject')
    await close()
  },
)

test('the compiler refuses parameters that take no Auth', () => {
  class Typed {
    good(@VerifiedToken() _auth: Auth): void {}
    wider(@VerifiedToken() _auth: Auth | null | undefined): void {}
    second(_id: string, @VerifiedToken() _auth: Auth): void {}
    part(@VerifiedToken() _auth: Pick<Auth, 'token'>): void {}
    // @ts-expect-error a text is no Auth
    text(@VerifiedToken() _auth: string): void {}
    // @ts-expect-error the claims alone are no Auth
    claims(@VerifiedToken() _auth: { readonly sub: string }): void {}
    // @ts-expect-error the decorator stands on the wrong parameter
    wrong(@VerifiedToken() _id: string, _auth: Auth): void {}
  }
  expect(Typed.name).toBe('Typed')
  expectTypeOf<Auth['claims']>().toEqualTypeOf<JsonObject>()
})
