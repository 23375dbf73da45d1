import type { RevocationEntry, RevocationPage } from './token-store.ts'

/** The revocation feed of a memory store: what was refused before its time, in the order in which it happened. */
export class MemoryFeed {
  #entries: { readonly sequence: number; readonly entry: RevocationEntry }[] = []
  #last = 0

  add(entry: RevocationEntry): void {
    this.#last += 1
    this.#entries.push({ sequence: this.#last, entry })
  }

  /** @throws RangeError for a cursor that this feed did not make */
  read(cursor: string | null, limit: number): RevocationPage {
    const after = cursor === null ? 0 : this.#parseCursor(cursor)
    const start = this.#firstAfter(after)
    const page = this.#entries.slice(start, start + limit)
    return {
      entries: page.map(({ entry }) => ({ ...entry, refusedFrom: new Date(entry.refusedFrom) })),
      cursor: String(page.at(-1)?.sequence ?? after),
      more: start + page.length < this.#entries.length,
    }
  }

  /** Forgets the entries whose signed text expired before then. */
  purge(before: Date): void {
    this.#entries = this.#entries.filter(
      ({ entry }) => entry.signedExpiresAt === null || entry.signedExpiresAt >= before,
    )
  }

  #parseCursor(cursor: string): number {
    const sequence = /^(0|[1-9]\d{0,15})$/.test(cursor) ? Number(cursor) : Number.NaN
    if (!(sequence <= this.#last))
      throw new RangeError('the cursor of the revocation feed is not one of this store')
    return sequence
  }

  #firstAfter(sequence: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const found = this.#entries[middle]
      if (found !== undefined && found.sequence <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}
