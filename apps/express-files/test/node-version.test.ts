import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findNodeProblem } from '../src/node-version.js'
import { START } from './demo-process.ts'

describe('the version of Node', () => {
  it.each(['22.14.0', '22.14.1', '22.23.3', '23.0.0', '24.21.0', '26.10.0', '100.0.0'])(
    '%s will do',
    (version) => {
      expect(findNodeProblem(version)).toBeNull()
    },
  )

  it.each(['22.13.1', '20.20.2', '18.0.0', '4.9.1', ''])('%s will not', (version) => {
    expect(findNodeProblem(version)).toBe(toProblem(version))
  })

  // Real ones, where the machine has one that is too old.
  it.each(findOldNodes())('$version of the machine is answered so', async ({ node, version }) => {
    expect(await run(node)).toEqual({ code: 1, stdout: '', stderr: `${toProblem(version)}\n` })
  })
})

function toProblem(version: string): string {
  return `express-files needs Node 22.14 or newer, and this is Node ${version}.`
}

function findOldNodes(): readonly { node: string; version: string }[] {
  return ['/usr/bin/node', '/usr/local/bin/node']
    .filter((node) => existsSync(node))
    .map((node) => ({
      node,
      version: execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim(),
    }))
    .filter(({ version }) => findNodeProblem(version) !== null)
}

function run(node: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(node, START, { env: {} }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}
