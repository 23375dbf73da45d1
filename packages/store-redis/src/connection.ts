import type { RedisClient } from './redis-client.ts'
import { isUnknownScript, RedisStoreError, toStoreError } from './redis-error.ts'
import type { Script } from './script.ts'

/** The client as the parts of the store use it. */
export interface Connection {
  /**
   * What the script answers. A script that the server does not know has not run, so it is sent again with its text.
   * @throws RedisStoreError
   */
  run(script: Script, parameters: readonly string[]): Promise<unknown>
  /** Refuses what comes later, and waits for what was accepted. */
  close(): Promise<void>
}

/** @param root what every key begins with; in braces, so that a cluster keeps all of them in one slot */
export function createConnection(client: RedisClient, root: string): Connection {
  let closed = false
  let pending = 0
  const idle: (() => void)[] = []

  async function send({ sha1, text }: Script, parameters: readonly string[]): Promise<unknown> {
    const call = { keys: [root], arguments: [...parameters] }
    try {
      return await client.evalSha(sha1, call)
    } catch (error) {
      if (!isUnknownScript(error)) throw toStoreError(error)
    }
    try {
      return await client.eval(text, call)
    } catch (error) {
      throw toStoreError(error)
    }
  }

  return {
    async run(script, parameters) {
      if (closed) throw new RedisStoreError('closed', 'the store is closed')
      pending += 1
      try {
        return await send(script, parameters)
      } finally {
        pending -= 1
        if (pending === 0) for (const resolve of idle.splice(0)) resolve()
      }
    },

    close() {
      closed = true
      if (pending === 0) return Promise.resolve()
      return new Promise((resolve) => idle.push(resolve))
    },
  }
}
