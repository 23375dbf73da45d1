import { randomUUID } from 'node:crypto'
import { readMemory, timeCollections } from '../harness/memory.ts'
import { readInput, tell } from '../harness/probe.ts'

export interface UuidSet {
  readonly rssBytes: number
  readonly heapBytes: number
  readonly collectionMs: number
}

// What a million ids take in the plainest way.
const { count } = readInput<{ readonly count: number }>()
const before = await readMemory()
const ids = new Set<string>()
while (ids.size < count) ids.add(randomUUID())
const after = await readMemory()
const found: UuidSet = {
  rssBytes: after.rssBytes - before.rssBytes,
  heapBytes: after.heapBytes - before.heapBytes,
  collectionMs: timeCollections(),
}
// Asked now, so that it has to be there until now.
if (ids.has('')) throw new Error('an empty id')
tell(found)
