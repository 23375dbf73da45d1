import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const IMPORT = /(?:^|\s)(?:from|import) ?\(?'([^']+)'/g

/** Everything that is imported from an entry on, by its own files. */
function collectImports(file: URL, seen: Set<string>, outside: Set<string>): void {
  if (seen.has(file.href)) return
  seen.add(file.href)
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    if (name.startsWith('.')) collectImports(new URL(name, file), seen, outside)
    else outside.add(name)
  }
}

test('the guard entry imports core alone, and of Node only types', () => {
  const files = new Set<string>()
  const outside = new Set<string>()
  collectImports(new URL('../src/guard.ts', import.meta.url), files, outside)
  expect([...outside].toSorted()).toEqual(['@hallpass/core', 'node:http'])
  for (const file of files) {
    expect(readFileSync(new URL(file), 'utf8')).not.toMatch(/^import (?!type)[^'\n]*'node:http'/m)
  }
  expect(files.size).toBeGreaterThan(4)
})

test('SEC-33 no global object of the process is touched by loading and using the package', async () => {
  const before = Object.getOwnPropertyDescriptors(globalThis)
  const { createGuard } = await import('../src/guard.ts')
  const { createMemoryStore, createTokenService } = await import('@hallpass/core')
  const { createIncoming } = await import('./incoming-message.ts')
  const service = await createTokenService({ issuer: 'https://globals.test', store: createMemoryStore() })
  const { token } = await service.issue({})
  const incoming = createIncoming([['Authorization', `Bearer ${token}`]])
  expect(createGuard<null>(service)(incoming, '/', null)).toMatchObject({ pass: true })
  await service.close()
  expect(findChanges(before)).toEqual([])

  // Without its schemas: they are loaded for the management routes alone.
  const { createNodeRequest, managementHandler } = await import('../src/index.ts')
  const request = createNodeRequest(incoming, { target: '/', originalTarget: '/', native: null })
  expect(request.headers.size).toBe(1)
  expect(findChanges(before)).toEqual([])

  const handler = managementHandler(service, { authorize: () => null })
  expect(await handler(request)).toMatchObject({ status: 401 })
  // zod keeps its own two names there; nothing that was there before is changed.
  expect(findChanges(before)).toEqual(['__zod_globalConfig', '__zod_globalRegistry'])
})

type Descriptors = Readonly<Record<string, PropertyDescriptor>>

function findChanges(before: Descriptors): readonly string[] {
  const after: Descriptors = Object.getOwnPropertyDescriptors(globalThis)
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isSame(before, after, name),
  )
}

function isSame(before: Descriptors, after: Descriptors, name: string): boolean {
  const [old, now] = [before[name], after[name]]
  return Object.is(old?.value, now?.value) && old?.get === now?.get && old?.set === now?.set
}
