import { setTimeout } from 'node:timers/promises'
import { summarize } from './stats.ts'

export interface Memory {
  readonly rssBytes: number
  /** Objects of JavaScript and the buffers that they hold. */
  readonly heapBytes: number
}

/** After two full collections: the second takes what the first one's finalizers let go of. */
export async function readMemory(): Promise<Memory> {
  for (let time = 0; time < 2; time += 1) {
    collect()
    await setTimeout(20)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rssBytes: rss, heapBytes: heapUsed + external }
}

/** How long a full collection holds everything up: the median of eleven, milliseconds. */
export function timeCollections(): number {
  const times = Array.from({ length: 11 }, () => {
    const start = performance.now()
    collect()
    return performance.now() - start
  })
  return summarize(times).median
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('node was started without --expose-gc')
  globalThis.gc()
}
