import { createHash } from 'node:crypto'

/** A Lua script of the store. It runs as one step that nothing can come between. */
export interface Script {
  readonly text: string
  /** The name under which the server keeps it. */
  readonly sha1: string
}

/**
 * The parts of a script, put together. All scripts count as writing, those too that only read: so a server that
 * has become a replica refuses them, and nobody is let in by what it knew when it lost its master.
 * @param memory `grows`: refused as a whole once `maxmemory` is reached. `always`: runs nevertheless, because it
 *   only reads, frees memory, or must not wait (a revocation)
 */
export function createScript(memory: 'grows' | 'always', ...parts: readonly string[]): Script {
  const text = [memory === 'grows' ? '#!lua' : '#!lua flags=allow-oom', ...parts].join('\n')
  return { text, sha1: createHash('sha1').update(text).digest('hex') }
}
