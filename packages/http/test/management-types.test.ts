import type { Principal, TokenPage, TokenRecord } from '@hallpass/core'
import { expectTypeOf, test } from 'vitest'
import {
  type Authorize,
  type Awaitable,
  basicAuth,
  type Handler,
  type HttpErrorCode,
  type IssueBody,
  type ManagementCall,
  type ManagementOptions,
  managementHandler,
  REQUEST_ERROR_STATUS,
  type TokenPageJson,
  type TokenRecordJson,
} from '../src/index.ts'

/** What JSON makes of a value. */
type Jsonified<T> = T extends Date
  ? string
  : T extends object
    ? string extends keyof T
      ? T
      : { readonly [K in keyof T]: Jsonified<T[K]> }
    : T

test('records travel as JSON makes them', () => {
  expectTypeOf<TokenRecordJson>().toEqualTypeOf<Jsonified<TokenRecord>>()
  expectTypeOf<TokenPageJson>().toEqualTypeOf<Jsonified<TokenPage>>()
})

test('an authorizer of a host sees that host’s request', () => {
  interface HostRequest {
    readonly user: string
  }
  expectTypeOf<ManagementCall<HostRequest>['native']>().toEqualTypeOf<HostRequest>()
  expectTypeOf<ManagementCall['headers']>().toEqualTypeOf<Headers>()
  expectTypeOf<ReturnType<Authorize>>().toEqualTypeOf<Awaitable<Principal | null>>()
  expectTypeOf<ManagementOptions<HostRequest>['authorize']>().toEqualTypeOf<Authorize<HostRequest>>()
  expectTypeOf(managementHandler<HostRequest>).returns.toEqualTypeOf<Handler>()
  // The ready-made ones look at nothing of the host and fit every one of them.
  expectTypeOf(basicAuth).returns.toExtend<Authorize<HostRequest>>()
  expectTypeOf<Authorize<HostRequest>>().not.toExtend<Authorize>()
})

test('bodies are closed', () => {
  expectTypeOf<IssueBody>().not.toHaveProperty('createdBy')
  expectTypeOf<IssueBody>().not.toHaveProperty('grant')
  expectTypeOf<{ name: 5 }>().not.toExtend<IssueBody>()
})

test('every refusal has a status', () => {
  expectTypeOf<keyof typeof REQUEST_ERROR_STATUS>().toEqualTypeOf<HttpErrorCode>()
  expectTypeOf(REQUEST_ERROR_STATUS.grant_exceeded).toBeNumber()
})
