export type { RedisClient, RedisSubscriber, ScriptCall } from './redis-client.ts'
export { RedisStoreError } from './redis-error.ts'
export { createRedisStore, type RedisStoreOptions } from './redis-store.ts'
