import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createStoredToken, describeTokenStore } from '@hallpass/testing'
import { createClientPool, createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRedisStore, type RedisClient } from '../src/index.ts'
import { connect } from './connect.ts'
import { DURABLE, hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

const SLOTS = 16_384
const NODES = 3

describe.skipIf(!hasRedisServer())('other clients than that of one server', () => {
  const nodes: RedisServer[] = []
  const open: { destroy(): void }[] = []

  beforeAll(async () => {
    for (let index = 0; index < NODES; index += 1) {
      nodes.push(await startRedisServer([...DURABLE, '--cluster-enabled', 'yes']))
    }
    await join(nodes)
  })
  afterAll(async () => {
    for (const client of open) client.destroy()
    for (const node of nodes) await node.stop()
  })

  async function connectCluster(): Promise<RedisClient> {
    const cluster = createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) })
    cluster.on('error', () => {})
    await cluster.connect()
    open.push(cluster)
    return cluster
  }

  describeTokenStore('a cluster of three', async () => {
    const prefix = `test-${randomUUID()}:`
    return {
      store: await createRedisStore(await connectCluster(), { prefix }),
      reopen: async () => createRedisStore(await connectCluster(), { prefix }),
      dispose: () => {
        for (const client of open.splice(0)) client.destroy()
      },
    }
  })

  test('on a cluster all keys of a prefix lie on one node, and another prefix may lie on another', async () => {
    const cluster = await connectCluster()
    const prefixes = ['a:', 'b:', 'c:', 'd:', 'e:', 'f:']
    for (const prefix of prefixes) {
      const store = await createRedisStore(cluster, { prefix })
      const token = createStoredToken({ subject: '{other}', name: '{name}' })
      await store.insert([token], { uniqueName: true })
      await store.revoke('default', token.id, new Date())
      await store.addUsage([
        { ...token, day: '2026-11-21', application: 'ci', tokenId: token.id, calls: 1, credits: 0 },
      ])
    }
    const places = new Map<string, Set<number>>()
    for (const [index, { url }] of nodes.entries()) {
      const client = await connect(url)
      for (const prefix of prefixes) {
        const keys = await client.keys(`{${prefix.slice(0, -1)}}:*`)
        if (keys.length > 0) places.set(prefix, (places.get(prefix) ?? new Set()).add(index))
      }
      client.destroy()
    }
    for (const prefix of prefixes) expect(places.get(prefix)?.size).toBe(1)
    expect(new Set([...places.values()].flatMap((on) => [...on])).size).toBeGreaterThan(1)
  })

  test('a pool of connections counts exactly', async () => {
    const server = await startRedisServer()
    const pool = createClientPool({ url: server.url }, { maximum: 8 })
    pool.on('error', () => {})
    await pool.connect()
    const store = await createRedisStore(pool)
    const token = createStoredToken({ credits: { limit: 50, remaining: 50 } })
    await store.insert([token], {})
    const counters = [{ project: 'default', id: token.id }]
    const answers = await Promise.all(
      Array.from({ length: 64 }, async () =>
        store.spend({ receipt: randomUUID(), counters, amount: 1, at: token.createdAt }),
      ),
    )
    expect(answers.filter(({ outcome }) => outcome === 'spent')).toHaveLength(50)
    await store.close()
    pool.destroy()
    await server.stop()
  })
})

/** Makes a cluster of servers that do not know each other, each with its share of the slots. */
async function join(nodes: readonly RedisServer[]): Promise<void> {
  const clients = await Promise.all(nodes.map(({ url }) => connect(url)))
  const share = Math.ceil(SLOTS / nodes.length)
  for (const [index, client] of clients.entries()) {
    const last = Math.min(SLOTS, (index + 1) * share) - 1
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last)])
    await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)])
  }
  for (const { url } of nodes.slice(1)) {
    await clients[0]?.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', new URL(url).port])
  }
  const deadline = performance.now() + 30_000
  for (const client of clients) {
    // Nobody tells when the nodes have heard of each other.
    while (!String(await client.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok')) {
      if (performance.now() > deadline) throw new Error('the cluster did not come up within 30 s')
      await delay(50)
    }
    client.destroy()
  }
}
