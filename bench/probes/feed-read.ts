import { createSqliteStore } from '@hallpass/store-sqlite'
import { type Memory, readMemory } from '../harness/memory.ts'
import { readInput, tell } from '../harness/probe.ts'

// What is left when the whole feed has been read and nothing of it kept: the store's page cache, and what the heap has
// grown to and not given back.
const { path } = readInput<{ readonly path: string }>()
const before = await readMemory()
const store = await createSqliteStore(path)
const start = performance.now()
let cursor: string | null = null
for (let more = true; more; ) {
  const page = await store.revokedSince(cursor, 1000)
  cursor = page.cursor
  more = page.more
}
const loadMs = performance.now() - start
const after = await readMemory()
const found: Memory & { readonly loadMs: number } = {
  rssBytes: after.rssBytes - before.rssBytes,
  heapBytes: after.heapBytes - before.heapBytes,
  loadMs,
}
await store.close()
tell(found)
