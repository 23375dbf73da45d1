import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { openMasterKey, readMasterKey } from '../src/master-key.js'
import { createDataDir } from './demo-process.ts'

const MODULE = new URL('../src/master-key.js', import.meta.url).href

describe('openMasterKey', () => {
  it('makes a key once, for its owner alone', () => {
    const path = join(createDataDir(), 'master.key')
    expect(readMasterKey(path)).toBeNull()
    const key = openMasterKey(path)
    expect(Buffer.from(key, 'base64url')).toHaveLength(32)
    expect(openMasterKey(path)).toBe(key)
    expect(readMasterKey(path)).toBe(key)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('gives all that ask at once the same key, and leaves nothing else behind', async () => {
    const folder = createDataDir()
    const path = join(folder, 'master.key')
    const keys = await Promise.all(Array.from({ length: 8 }, () => openInThread(path)))
    expect(new Set(keys)).toEqual(new Set([readFileSync(path, 'utf8').trim()]))
    expect(readdirSync(folder)).toEqual(['master.key'])
  })

  it('SEC-63: replaces nothing, and shows nothing of what it cannot read', () => {
    const path = join(createDataDir(), 'master.key')
    for (const text of ['', 'too short', `${'A'.repeat(42)}B`, `${'A'.repeat(43)}\n${'A'.repeat(43)}`]) {
      writeFileSync(path, text)
      expect(() => openMasterKey(path)).toThrow(
        `${path} must hold 32 random bytes in base64url (43 characters).`,
      )
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
  })
})

function openInThread(path: string): Promise<unknown> {
  const code = `import(${JSON.stringify(MODULE)}).then(({ openMasterKey }) =>
    require('node:worker_threads').parentPort.postMessage(openMasterKey(${JSON.stringify(path)})))`
  const worker = new Worker(code, { eval: true })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
