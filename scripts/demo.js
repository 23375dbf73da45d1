// `npm run demo`: starts a demo from its sources, so there is nothing to build. The argument names its folder in apps.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const name = process.argv[2] ?? ''
const app = new URL(`../apps/${name}/`, import.meta.url)
const compiled = new URL('src/main.ts', app)

// All demos are started in this folder, and each would take `data` in it. The app's own .env comes before that; a
// Node that is too old for the demo may not know how to read one.
const envFile = new URL('.env', app)
if (existsSync(envFile)) process.loadEnvFile?.(fileURLToPath(envFile))
process.env.DATA_DIR ||= join('data', name)

// Node before 22.18 runs TypeScript only when it is told to. The flag cannot stand in package.json: a Node that is
// too old for the demo would complain of the flag, and not say what is wrong. There `features` has no such member.
if (process.features.typescript === false) {
  const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', ...process.execArgv]
  const demo = spawn(process.execPath, [...flags, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(signal, () => demo.kill(signal))
  demo.on('exit', (code) => process.exit(code ?? 1))
} else if (existsSync(compiled)) {
  await startFromTypeScript()
} else {
  await import(new URL('start.js', app).href)
}

// npm passes a SIGTERM on to its shell, and most shells end without passing it on. Then this process has a new parent.
const { ppid } = process
setInterval(() => {
  if (process.ppid !== ppid) process.kill(process.pid, 'SIGTERM')
}, 250).unref()

/** What its own start.js does, but with a loader in the place of the compiler. */
async function startFromTypeScript() {
  const { findNodeProblem } = await import(new URL('node-version.js', app).href)
  const problem = findNodeProblem(process.versions.node)
  if (problem !== null) {
    console.error(problem)
    process.exitCode = 1
    return
  }
  const loader = new URL('typescript-loader.js', import.meta.url)
  // Node 22.14 has the older of the two.
  if (nodeModule.registerHooks === undefined) nodeModule.register(loader)
  else nodeModule.registerHooks(await import(loader.href))
  const { main } = await import(compiled.href)
  await main()
}
