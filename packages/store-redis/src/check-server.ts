import { ConfigurationError } from '@hallpass/core'
import { PROBE } from './lua/open.ts'
import type { RedisClient } from './redis-client.ts'
import { toStoreError } from './redis-error.ts'

/** The first release that can refuse a whole script on a replica or a full server. */
const OLDEST_RELEASE = 7

/**
 * Asks the server that will hold the keys, on a cluster too, whether it keeps what it acknowledges.
 * @param accepted leaves out what the server may lose
 * @throws ConfigurationError that says what to set
 * @throws RedisStoreError
 */
export async function checkServer(client: RedisClient, root: string, accepted: boolean): Promise<void> {
  const info = toInfo(await probe(client, root))
  const release = info.get('redis_version') ?? 'unknown'
  if (!(Number.parseInt(release, 10) >= OLDEST_RELEASE)) {
    throw new ConfigurationError(
      `the server is Redis ${release}: the store needs Redis ${OLDEST_RELEASE} or later`,
    )
  }
  if (accepted) return
  const reason = toReason(info)
  if (reason !== null) {
    throw new ConfigurationError(`${reason}, or pass durability: 'accepted' and accept that tokens get lost`)
  }
}

async function probe(client: RedisClient, root: string): Promise<string> {
  let answer: unknown
  try {
    answer = await client.eval(PROBE, { keys: [root], arguments: [] })
  } catch (error) {
    throw toStoreError(error)
  }
  const [text, number, nothing, info] = Array.isArray(answer) ? (answer as unknown[]) : []
  if (text !== 'text' || number !== 7 || nothing !== null || typeof info !== 'string') {
    throw new ConfigurationError(
      'the client must answer texts as strings and integers as numbers, its defaults: pass it without a type mapping',
    )
  }
  return info
}

function toInfo(text: string): ReadonlyMap<string, string> {
  const info = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) info.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return info
}

/** Why the server may lose what it acknowledged, and what to set; null = it does not, as far as it says. */
function toReason(info: ReadonlyMap<string, string>): string | null {
  if (info.get('role') !== 'master') return 'the server is a replica: connect to the master'
  if (info.get('aof_enabled') !== '1') {
    return 'the server keeps no append-only file and would lose the last minutes when it stops: set appendonly yes'
  }
  const policy = info.get('maxmemory_policy')
  if (policy !== 'noeviction') {
    return `the server evicts keys when its memory is full (${policy}): set maxmemory-policy noeviction`
  }
  return null
}
