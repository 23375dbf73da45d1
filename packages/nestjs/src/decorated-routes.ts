import { ConfigurationError } from '@hallpass/core'
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common'
import { ApplicationConfig, MetadataScanner, ModulesContainer } from '@nestjs/core'
import { isTokenRequired, readRouteOptions } from './route-rule.ts'
import { assertGuardOptions, GUARD_SETTINGS, type GuardSettings, TokenGuard } from './token-guard.ts'
import { TokenService } from './token-service.ts'

/** What `UseGuards()` of @nestjs/common writes on classes and methods. */
const GUARDS_METADATA = '__guards__'

type Class = abstract new (...args: never) => unknown

/**
 * Refuses to start an application in which a class or method asks for a token and nobody would check it, or asks in
 * a way that cannot be right.
 */
@Injectable()
export class DecoratedRoutes implements OnModuleInit {
  private readonly modules: ModulesContainer
  private readonly config: ApplicationConfig
  private readonly service: TokenService
  private readonly settings: GuardSettings

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(TokenService) service: TokenService,
    @Inject(GUARD_SETTINGS) settings: GuardSettings,
  ) {
    this.modules = modules
    this.config = config
    this.service = service
    this.settings = settings
  }

  /** @throws ConfigurationError naming the class and method */
  onModuleInit(): void {
    assertGuardOptions(this.service, this.settings.defaults, 'the option `guard`')
    const guardedByAll = this.isGuardGlobal()
    const scanner = new MetadataScanner()
    for (const type of this.classes()) {
      const prototype: object = type.prototype
      for (const name of scanner.getAllMethodNames(prototype)) {
        const method: unknown = Reflect.get(prototype, name)
        if (typeof method !== 'function' || !(isTokenRequired(method) || isTokenRequired(type))) continue
        const options = readRouteOptions(method, type, this.settings.defaults)
        if (options === null) continue
        const where = `${type.name}.${name}`
        assertGuardOptions(this.service, options, where)
        if (!guardedByAll && !isGuarded(type) && !isGuarded(method)) {
          throw new ConfigurationError(
            `${where} asks for a token, but no TokenGuard checks it: add @UseGuards(TokenGuard), or provide TokenGuard as APP_GUARD. A guard of your own extends TokenGuard`,
          )
        }
      }
    }
  }

  private isGuardGlobal(): boolean {
    return (
      this.config.getGlobalGuards().some(isTokenGuard) ||
      this.config.getGlobalRequestGuards().some(({ metatype }) => isTokenGuard(metatype))
    )
  }

  /** Controllers, and providers for gateways and resolvers. */
  private *classes(): Generator<Class> {
    for (const { controllers, providers } of this.modules.values()) {
      for (const { metatype } of [...controllers.values(), ...providers.values()]) {
        if (typeof metatype === 'function' && isClass(metatype)) yield metatype
      }
    }
  }
}

function isGuarded(target: object): boolean {
  const guards: unknown = Reflect.getMetadata(GUARDS_METADATA, target)
  return Array.isArray(guards) && guards.some(isTokenGuard)
}

function isTokenGuard(guard: unknown): boolean {
  if (guard instanceof TokenGuard) return true
  return typeof guard === 'function' && (guard === TokenGuard || guard.prototype instanceof TokenGuard)
}

function isClass(value: object): value is Class {
  return 'prototype' in value && typeof value.prototype === 'object' && value.prototype !== null
}
