import type { StoredToken } from './token.ts'
import type { UsageEntry } from './token-store.ts'

/** Several texts as one key that no other texts make. */
export function toKey(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}

export function toNameKey({ project, subject }: StoredToken, name: string): string {
  return toKey(project, subject, name)
}

export function toPoolKey({ project, name }: { readonly project: string; readonly name: string }): string {
  return toKey(project, name)
}

export function toUsageKey({ project, day, application, subject, tokenId }: UsageEntry): string {
  return toKey(project, day, application, subject, tokenId)
}
