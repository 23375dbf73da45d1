import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyProject, install } from './packed/install.ts'
import { readJestSettings, type Settings, withSettings } from './packed/jest-settings.ts'
import { canJestRequireEsm, installNodes, type OutsideNode } from './packed/nodes.ts'
import { createOutsideFolder, runOutside, startOutside } from './packed/outside.ts'
import { packPackages } from './packed/tarballs.ts'

const INSTALL_MS = 180_000

interface Project {
  readonly title: string
  /** In `test/packed`. */
  readonly name: string
  /** Whose README tells its users about Jest. */
  readonly readme: string
}

const PROJECTS: readonly Project[] = [
  { title: 'an Express app that requires', name: 'express-commonjs', readme: 'express' },
  { title: 'a Nest 11 starter, compiled to CommonJS', name: 'nest-starter', readme: 'nestjs' },
]

const outside = createOutsideFolder()
let nodes: readonly OutsideNode[] = []
afterAll(() => outside.remove())

beforeAll(async () => {
  const tarballs = await packPackages(outside.path)
  const projects = PROJECTS.map(({ name, readme }) => {
    const folder = join(outside.path, name)
    copyProject(join(import.meta.dirname, 'packed', name), folder, tarballs)
    return install(folder, readJestSettings(readme).packages)
  })
  const [installed] = await Promise.all([installNodes(join(outside.path, 'nodes')), ...projects])
  nodes = installed
}, INSTALL_MS)

describe.each(PROJECTS)('$title', ({ name, readme }) => {
  const folder = join(outside.path, name)

  test('runs on the oldest Node and on ours', async () => {
    await runOutside('npm', ['run', 'build', '--if-present'], { cwd: folder })
    for (const { version, folder: nodeFolder } of nodes) {
      const env = { DATABASE: `run-${version}.sqlite` }
      const options = { cwd: folder, nodeFolder, env, until: /http:.+\n/ }
      const server = await startOutside('npm', ['start'], options)
      try {
        const url = `${server.origin.replace('[::1]', 'localhost')}/reports`
        const refused = await fetch(url)
        expect([refused.status, await refused.json()], version).toMatchObject([
          401,
          { error: 'token_missing' },
        ])
        const issued = await fetch(`${url}/tokens`, { method: 'POST' })
        const { token }: { token: string } = JSON.parse(await issued.text())
        const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
        expect([answer.status, await answer.json()], version).toEqual([200, { reader: 'ann' }])
      } finally {
        await server.stop()
      }
    }
  })

  test('is tested by Jest with the settings of the README', async () => {
    const path = join(folder, 'package.json')
    const manifest = readFileSync(path, 'utf8')
    for (const { version, folder: nodeFolder } of nodes) {
      for (const [i, settings] of readSettings(readme, version).entries()) {
        writeFileSync(path, withSettings(manifest, settings))
        const env = { DATABASE: `jest-${version}-${i}.sqlite`, CI: 'true' }
        const printed = await runOutside('sh', ['-c', 'npm test 2>&1'], { cwd: folder, nodeFolder, env })
        expect(printed, version).toMatch(/^Tests: +\d+ passed, \d+ total$/m)
      }
    }
  }, 120_000)
})

/** The flag where it is enough; what compiles works everywhere. */
function readSettings(readme: string, version: string): readonly Settings[] {
  const { flag, compiled } = readJestSettings(readme)
  return canJestRequireEsm(version) ? [flag, compiled] : [compiled]
}
