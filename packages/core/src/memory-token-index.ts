import type { StoredToken } from './token.ts'
import type { ListFilter } from './token-store.ts'

/** A token in memory, and what was promised when it was inserted. */
export interface MemoryEntry {
  token: StoredToken
  /** Inserted under `uniqueName`, so its name counts while it is not revoked. */
  readonly holdsName: boolean
  readonly idempotencyKey: string | null
}

/** Ids in ascending order. New ids are almost always the greatest, so that adding costs a push. */
class SortedIds {
  #ids: string[] = []

  get size(): number {
    return this.#ids.length
  }

  add(id: string): void {
    const last = this.#ids.at(-1)
    if (last === undefined || last < id) this.#ids.push(id)
    else this.#ids.splice(this.#positionOf(id), 0, id)
  }

  remove(id: string): void {
    const position = this.#positionOf(id)
    if (this.#ids[position] === id) this.#ids.splice(position, 1)
  }

  /** One pass for any number of ids: a splice for each would be quadratic. */
  removeAll(gone: ReadonlySet<string>): void {
    this.#ids = this.#ids.filter((id) => !gone.has(id))
  }

  /** From the greatest id below `before` downwards; null = from the greatest. */
  *descending(before: string | null): Generator<string> {
    let position = before === null ? this.#ids.length : this.#positionOf(before)
    while (position > 0) {
      position -= 1
      const id = this.#ids[position]
      if (id !== undefined) yield id
    }
  }

  /** Index of the first id that is not below `id`. */
  #positionOf(id: string): number {
    let low = 0
    let high = this.#ids.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const found = this.#ids[middle]
      if (found !== undefined && found < id) low = middle + 1
      else high = middle
    }
    return low
  }
}

const FACETS = ['subject', 'application', 'name'] as const
type Facet = (typeof FACETS)[number]

interface Project {
  readonly entries: Map<string, MemoryEntry>
  readonly ids: SortedIds
  /** Ids by the value of each field that a list may filter by. Maps, so that `__proto__` is a value like any other. */
  readonly facets: Record<Facet, Map<string, SortedIds>>
}

/** The tokens of a memory store, by project, kept in the order in which lists want them. */
export class MemoryTokenIndex {
  readonly #projects = new Map<string, Project>()

  find(project: string, id: string): MemoryEntry | undefined {
    return this.#projects.get(project)?.entries.get(id)
  }

  add(entry: MemoryEntry): void {
    const { token } = entry
    const project = this.#openProject(token.project)
    project.entries.set(token.id, entry)
    project.ids.add(token.id)
    for (const facet of FACETS) addToFacet(project, facet, token)
  }

  /** Every entry, in an order that stays while nothing is added or removed. */
  *all(): Generator<MemoryEntry> {
    for (const { entries } of this.#projects.values()) yield* entries.values()
  }

  /** Puts the changed token in the place of the old one. Project and id stay. */
  replace(entry: MemoryEntry, changed: StoredToken): void {
    const before = entry.token
    entry.token = changed
    if (before.name === changed.name) return
    const project = this.#openProject(changed.project)
    if (before.name !== null) {
      const ids = project.facets.name.get(before.name)
      ids?.remove(before.id)
      if (ids?.size === 0) project.facets.name.delete(before.name)
    }
    addToFacet(project, 'name', changed)
  }

  /** @returns what was removed */
  removeWhere(isGone: (token: StoredToken) => boolean): MemoryEntry[] {
    const removed: MemoryEntry[] = []
    for (const [name, project] of this.#projects) {
      const gone = new Set<string>()
      for (const entry of project.entries.values()) {
        if (!isGone(entry.token)) continue
        gone.add(entry.token.id)
        removed.push(entry)
      }
      if (gone.size === 0) continue
      for (const id of gone) project.entries.delete(id)
      if (project.entries.size === 0) {
        this.#projects.delete(name)
        continue
      }
      project.ids.removeAll(gone)
      for (const facet of FACETS) removeFromFacet(project.facets[facet], gone, removed, facet, name)
    }
    return removed
  }

  /** The project's entries that the filter lets through, newest first, from below `after`. */
  *newestFirst(filter: ListFilter, after: string | null): Generator<MemoryEntry> {
    const project = this.#projects.get(filter.project)
    if (project === undefined) return
    let shortest: SortedIds | undefined = project.ids
    for (const facet of FACETS) {
      const value = filter[facet]
      if (value === undefined) continue
      const ids = project.facets[facet].get(value)
      if (ids === undefined) return
      if (ids.size < shortest.size) shortest = ids
    }
    for (const id of shortest.descending(after)) {
      const entry = project.entries.get(id)
      if (entry !== undefined && passes(entry.token, filter)) yield entry
    }
  }

  #openProject(name: string): Project {
    let project = this.#projects.get(name)
    if (project === undefined) {
      const facets = { subject: new Map(), application: new Map(), name: new Map() }
      project = { entries: new Map(), ids: new SortedIds(), facets }
      this.#projects.set(name, project)
    }
    return project
  }
}

function passes(token: StoredToken, filter: ListFilter): boolean {
  return FACETS.every((facet) => filter[facet] === undefined || filter[facet] === token[facet])
}

function addToFacet(project: Project, facet: Facet, token: StoredToken): void {
  const value = token[facet]
  if (value === null) return
  let ids = project.facets[facet].get(value)
  if (ids === undefined) {
    ids = new SortedIds()
    project.facets[facet].set(value, ids)
  }
  ids.add(token.id)
}

function removeFromFacet(
  facet: Map<string, SortedIds>,
  gone: ReadonlySet<string>,
  removed: readonly MemoryEntry[],
  field: Facet,
  project: string,
): void {
  const touched = new Set(
    removed.filter(({ token }) => token.project === project).map(({ token }) => token[field]),
  )
  for (const value of touched) {
    if (value === null) continue
    const ids = facet.get(value)
    ids?.removeAll(gone)
    if (ids?.size === 0) facet.delete(value)
  }
}
