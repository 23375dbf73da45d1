export type { Auth, GuardOptions, TokenPlace } from '@hallpass/http/guard'
export { type AuthedRequest, readAuth } from './context-auth.ts'
export { OptionalToken, Public, RequireToken } from './decorators.ts'
export { HallpassException, TokenDeniedException } from './hallpass-exception.ts'
export { HallpassModule } from './hallpass-module.ts'
export type {
  ErrorMode,
  HallpassModuleAsyncOptions,
  HallpassModuleExtras,
  HallpassModuleOptions,
  HallpassOptionsFactory,
  HallpassSettings,
  TokenRoutesOptions,
} from './hallpass-options.ts'
export type { MountOptions } from './mount-module.ts'
export { GUARD_SETTINGS, type GuardSettings, TokenGuard } from './token-guard.ts'
export { TokenService } from './token-service.ts'
export { VerifiedToken, type VerifiedTokenDecorator } from './verified-token.ts'
