import { isNativeError } from 'node:util/types'
/** The server did not do what it was asked. Holds Redis's error code and no value of a command. */
export class RedisStoreError extends Error {
  override readonly name = 'RedisStoreError'
  /** `closed`: the store was closed. `failed`: all else. */
  readonly code: 'closed' | 'failed'

  constructor(code: RedisStoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What to do about the codes that an operator meets. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['READONLY', 'the server has become a replica: connect to the master'],
  ['OOM', 'the memory limit is reached: raise maxmemory'],
  ['MISCONF', 'the server cannot write to its disk'],
  ['NOREPLICAS', 'fewer replicas are connected than min-replicas-to-write asks for'],
  ['LOADING', 'the server is still reading its data'],
  ['BUSY', 'a script of somebody else keeps the server busy'],
  ['NOPERM', 'the user may not run the commands of the store'],
  ['NOAUTH', 'the server wants a password'],
  ['CLUSTERDOWN', 'the cluster does not serve the slot of the store'],
])

/** Redis's own error replies begin with a code in capitals; the client's own errors do not. */
function toReplyCode(error: unknown): string | null {
  if (!isNativeError(error)) return null
  return /^([A-Z][A-Z]+)(?: |$)/.exec(error.message)?.[1] ?? null
}

/** Whether the server does not know the script yet: it was restarted, or another one took over. */
export function isUnknownScript(error: unknown): boolean {
  return toReplyCode(error) === 'NOSCRIPT'
}

/**
 * What callers of the store get to see. An error reply becomes its code alone, without the original as cause: its
 * text may repeat arguments.
 */
export function toStoreError(error: unknown): RedisStoreError {
  const code = toReplyCode(error)
  if (code === null) {
    return new RedisStoreError('failed', 'the connection to Redis failed', { cause: error })
  }
  const advice = ADVICE.get(code)
  return new RedisStoreError('failed', `Redis answered ${code}${advice === undefined ? '' : `: ${advice}`}`)
}
