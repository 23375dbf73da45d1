import { ConfigurationError } from '@hallpass/core'
import type { Type } from '@nestjs/common'
import { describe, expect, test } from 'vitest'
import { OptionalToken, Public, RequireToken } from '../src/index.ts'
import { readRouteOptions } from '../src/route-rule.ts'

function optionsOf(type: Type, method: string, defaults: object = {}): unknown {
  return readRouteOptions(type.prototype[method], type, defaults)
}

@RequireToken({ scope: ['reports'], cost: 2 })
class Reports {
  all(): void {}

  @RequireToken({ scope: ['reports.write'] })
  write(): void {}

  @Public()
  health(): void {}

  @OptionalToken()
  preview(): void {}
}

@Public()
class Site {
  home(): void {}

  @RequireToken({ scope: ['admin'] })
  admin(): void {}
}

@OptionalToken()
class Shop {
  browse(): void {}

  @RequireToken()
  buy(): void {}
}

class Plain {
  all(): void {}
}

describe('what a route asks for', () => {
  test('the class speaks for its methods, and a method over it', () => {
    expect(optionsOf(Reports, 'all')).toEqual({ scope: ['reports'], cost: 2, optional: false })
    expect(optionsOf(Reports, 'write')).toEqual({ scope: ['reports.write'], cost: 2, optional: false })
  })

  test('the module speaks for routes that say nothing', () => {
    const defaults = { from: ['header'], optional: true }
    expect(optionsOf(Plain, 'all', defaults)).toEqual(defaults)
    expect(optionsOf(Reports, 'all', defaults)).toMatchObject({ from: ['header'], cost: 2 })
  })

  test('public is null, for a method or a class', () => {
    expect(optionsOf(Reports, 'health')).toBeNull()
    expect(optionsOf(Site, 'home')).toBeNull()
  })

  test('CAR-67 a method that asks for a token is guarded in a public class, with the defaults of the module', () => {
    expect(optionsOf(Site, 'admin', { project: 'acme' })).toEqual({
      scope: ['admin'],
      project: 'acme',
      optional: false,
    })
  })

  test('CAR-68 a method that asks for a token is not optional because its class or module is', () => {
    expect(optionsOf(Shop, 'browse')).toMatchObject({ optional: true })
    expect(optionsOf(Shop, 'buy')).toMatchObject({ optional: false })
    expect(optionsOf(Reports, 'all', { optional: true })).toMatchObject({ optional: false })
  })

  test('an optional token keeps what its class asks of one', () => {
    expect(optionsOf(Reports, 'preview')).toEqual({ scope: ['reports'], cost: 2, optional: true })
  })

  test('two decorators on one method come to the same in any order', () => {
    class Both {
      @OptionalToken()
      @RequireToken({ scope: ['a'] })
      one(): void {}

      @RequireToken({ scope: ['a'] })
      @OptionalToken()
      two(): void {}
    }
    expect(optionsOf(Both, 'one')).toEqual({ scope: ['a'], optional: true })
    expect(optionsOf(Both, 'two')).toEqual(optionsOf(Both, 'one'))
  })

  test('a subclass says more without losing what its superclass says', () => {
    @RequireToken({ scope: ['reports.audit'] })
    class Audits extends Reports {}
    expect(optionsOf(Audits, 'all')).toEqual({ scope: ['reports.audit'], cost: 2, optional: false })
    expect(optionsOf(Reports, 'all')).toEqual({ scope: ['reports'], cost: 2, optional: false })
  })

  test('public and a demand on one target contradict each other', () => {
    expect(() => {
      class Contradiction {
        @Public()
        @RequireToken()
        all(): void {}
      }
      return Contradiction
    }).toThrow(ConfigurationError)
    expect(() => Public()(Site)).not.toThrow()
  })
})
