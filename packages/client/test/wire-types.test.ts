import type { MagicBellWire } from '@hallpass/dialects'
import type * as Http from '@hallpass/http'
import { expectTypeOf, test } from 'vitest'
import type { Fetch } from '../src/index.ts'
import type * as Jwt from '../src/jwt-wire.ts'
import type * as Native from '../src/wire.ts'

test('the native types are those of the server', () => {
  expectTypeOf<Native.IssueBody>().toEqualTypeOf<Http.IssueBody>()
  expectTypeOf<Native.IssuedTokenJson>().toEqualTypeOf<Http.IssuedTokenJson>()
  expectTypeOf<Native.TokenRecordJson>().toEqualTypeOf<Http.TokenRecordJson>()
  expectTypeOf<Native.ListParameters>().toEqualTypeOf<Http.ListParameters>()
  expectTypeOf<Native.TokenPageJson>().toEqualTypeOf<Http.TokenPageJson>()
  expectTypeOf<Native.ItemParameters>().toEqualTypeOf<Http.ItemParameters>()
  expectTypeOf<Native.UpdateBody>().toEqualTypeOf<Http.UpdateBody>()
  expectTypeOf<Native.VerifyBody>().toEqualTypeOf<Http.VerifyBody>()
  expectTypeOf<Native.VerifiedJson>().toEqualTypeOf<Http.VerifiedJson>()
  expectTypeOf<Native.UsageParameters>().toEqualTypeOf<Http.UsageParameters>()
  expectTypeOf<Native.UsageJson>().toEqualTypeOf<Http.UsageJson>()
  expectTypeOf<Native.ErrorJson>().toEqualTypeOf<Http.ErrorJson>()
})

test('the types of /jwt are those of the server', () => {
  expectTypeOf<Jwt.CreateProjectTokenRequest>().toEqualTypeOf<MagicBellWire.ProjectTokenBody>()
  expectTypeOf<Omit<Jwt.CreateUserTokenRequest, 'externalId'>>().toEqualTypeOf<
    Omit<MagicBellWire.UserTokenBody, never>
  >()
  expectTypeOf<Jwt.AccessTokenJson>().toEqualTypeOf<MagicBellWire.AccessTokenJson>()
  expectTypeOf<Jwt.TokenListJson>().toEqualTypeOf<MagicBellWire.TokenListJson>()
  expectTypeOf<Jwt.DiscardedTokenJson>().toEqualTypeOf<MagicBellWire.DiscardedTokenJson>()
})

test("the platform's fetch fits", () => {
  expectTypeOf<typeof fetch>().toExtend<Fetch>()
})
