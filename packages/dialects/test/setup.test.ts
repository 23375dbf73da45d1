import { createTestService } from '@hallpass/core/testing'
import { expect, it } from 'vitest'
import { data8, i3d, magicbell, servicestack, specter } from '../src/index.ts'

it.each(Object.entries({ data8, i3d, magicbell, servicestack, specter }))(
  '%s refuses a service that is missing or was not awaited',
  (_name, dialect) => {
    for (const service of [undefined, createTestService()]) {
      expect(() => Reflect.apply(dialect, undefined, [service, {}])).toThrow(/^the service is /)
    }
  },
)
