// Module hooks that run TypeScript with decorators, which Node's own stripping of types leaves as they are. For the
// demo in NestJS, from its sources and those of `packages/nestjs`.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { transformSync } from 'rolldown/utils'

/** What the compiled code takes its helpers from, and what TypeScript calls the same ones. */
const HELPERS = new Map([
  ['@oxc-project/runtime/helpers/decorate', '__decorate'],
  ['@oxc-project/runtime/helpers/decorateParam', '__param'],
])
// Older Nodes run hooks on a thread that has no `import.meta.resolve`.
const tslib = pathToFileURL(createRequire(import.meta.url).resolve('tslib/tslib.es6.mjs'))

/** @type {import('node:module').ResolveHookSync} */
export function resolve(specifier, context, nextResolve) {
  const helper = HELPERS.get(specifier)
  if (helper === undefined) return nextResolve(specifier, context)
  const source = `export { ${helper} as default } from '${tslib}'`
  return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true }
}

/** @type {import('node:module').LoadHookSync} */
export function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const { code, errors } = transformSync(path, readFileSync(path, 'utf8'), {
    lang: 'ts',
    sourceType: 'module',
    tsconfig: false,
    decorator: { legacy: true },
  })
  if (errors.length > 0) throw new SyntaxError(`${path} cannot be compiled: ${errors[0]?.message}`)
  return { format: 'module', source: code, shortCircuit: true }
}
