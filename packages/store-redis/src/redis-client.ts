/** What a script is called with: the one key that names the slot, and its arguments. */
export interface ScriptCall {
  readonly keys: string[]
  readonly arguments: string[]
}

/**
 * What `createClient`, `createClientPool`, `createCluster` and `createSentinel` of `redis` have in common. Replies
 * must come as the client gives them by default: texts as strings, integers as numbers.
 */
export interface RedisClient {
  evalSha(sha1: string, call: ScriptCall): Promise<unknown>
  eval(script: string, call: ScriptCall): Promise<unknown>
}

/** A client that may listen: one of its own (`client.duplicate()`), or that of a cluster. */
export interface RedisSubscriber {
  subscribe(channel: string, listener: () => void): Promise<unknown>
  unsubscribe(channel: string, listener: () => void): Promise<unknown>
}
