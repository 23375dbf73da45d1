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
export {
  type AtEnd,
  createDemoStarter,
  createFolder,
  type Demo,
  type DemoApp,
  type DemoStarter,
  type Ended,
  type Env,
  PASSWORD,
  runShell,
  spawnApp,
} from './demo-process.ts'
export { readVariables, splitPrinted, toScript } from './demo-readme.ts'
export { type Difference, describeAdapter, findDifferences } from './describe-adapter.ts'
export { type DemoRules, describeDemo } from './describe-demo.ts'
export { describeTokenStore, type StoreUnderTest } from './describe-token-store.ts'
export { findFreePort } from './free-port.ts'
export { exchange, type RawAnswer, type RawRequest } from './raw-exchange.ts'
export { type ScriptProcess, startScript } from './script-process.ts'
export { createProgramCheck, type ServerProgram } from './server-program.ts'
export { createStoredToken, createTokenId } from './stored-token.ts'
