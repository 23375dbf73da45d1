export {
  type Echo,
  type HostGuard,
  type HostHandler,
  type HostRoutes,
  type HostSetup,
  type RunningHost,
  readServedFile,
  type StartHost,
  toEcho,
} from './adapter-host.ts'
export { type Clock, createClock } from './clock.ts'
export { type Difference, describeAdapter, findDifferences } from './describe-adapter.ts'
export { describeTokenStore, type StoreUnderTest } from './describe-token-store.ts'
export { exchange, type RawAnswer, type RawRequest } from './raw-exchange.ts'
export { createStoredToken, createTokenId } from './stored-token.ts'
