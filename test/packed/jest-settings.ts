import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './tarballs.ts'

/** Members of a package.json. */
export interface Settings {
  readonly scripts?: object
  readonly jest?: object
}

/** What a package's README tells the users of Jest. */
export interface JestSettings {
  /** For package.json, on a Node whose Jest can `require()` ESM. */
  readonly flag: Settings
  /** For package.json, on an older one. */
  readonly compiled: Settings
  /** To be installed for the latter. */
  readonly packages: readonly string[]
}

export function readJestSettings(packageFolder: string): JestSettings {
  const readme = readFileSync(join(ROOT, 'packages', packageFolder, 'README.md'), 'utf8')
  const section = /^### Jest\n([\s\S]*?)(?=^##|$(?![\s\S]))/m.exec(readme)?.[1] ?? ''
  const [flag, compiled, ...more] = [...section.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(
    ([, json = '']) => json,
  )
  if (flag === undefined || compiled === undefined || more.length > 0) {
    throw new Error(`the README of ${packageFolder} has not two settings for Jest`)
  }
  const install = /^npm install --save-dev (.+)$/m.exec(section)?.[1]
  return { flag: JSON.parse(flag), compiled: JSON.parse(compiled), packages: install?.split(' ') ?? [] }
}

/** A package.json with these settings, each over what is there of the same name. */
export function withSettings(manifest: string, { scripts, jest }: Settings): string {
  const before: Settings = JSON.parse(manifest)
  return JSON.stringify({
    ...before,
    scripts: { ...before.scripts, ...scripts },
    jest: { ...before.jest, ...jest },
  })
}
