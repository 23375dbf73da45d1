import type { TokenStore } from '@hallpass/core'
import type { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { describe, expectTypeOf, test } from 'vitest'
import type { createRedisStore, RedisClient, RedisSubscriber } from '../src/index.ts'

describe('types', () => {
  test('every client of redis is taken as it is', () => {
    expectTypeOf<ReturnType<typeof createClient>>().toExtend<RedisClient>()
    expectTypeOf<ReturnType<typeof createClientPool>>().toExtend<RedisClient>()
    expectTypeOf<ReturnType<typeof createCluster>>().toExtend<RedisClient>()
    expectTypeOf<ReturnType<typeof createSentinel>>().toExtend<RedisClient>()
    expectTypeOf<ReturnType<typeof createClient>>().toExtend<RedisSubscriber>()
    expectTypeOf<ReturnType<typeof createCluster>>().toExtend<RedisSubscriber>()
  })

  test('a store comes as a promise, and there is one word for durability', () => {
    expectTypeOf<ReturnType<typeof createRedisStore>>().toEqualTypeOf<Promise<TokenStore>>()
    type Durability = NonNullable<Parameters<typeof createRedisStore>[1]>['durability']
    expectTypeOf<Durability>().toEqualTypeOf<'accepted' | undefined>()
  })
})
