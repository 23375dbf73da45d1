// `npm run demo`: starts a demo from its sources, so there is nothing to build. The argument names its folder in apps.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const start = new URL(`../apps/${process.argv[2]}/start.js`, import.meta.url)

// Node before 22.18 runs TypeScript only when it is told to. The flag cannot stand in package.json: a Node that is
// too old for the demo would complain of the flag, and not say what is wrong. There `features` has no such member.
if (process.features.typescript === false) {
  const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', ...process.execArgv]
  const demo = spawn(process.execPath, [...flags, fileURLToPath(start)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal))
  demo.on('exit', (code) => process.exit(code ?? 1))
} else {
  await import(start.href)
}

// npm passes a SIGTERM on to its shell, and most shells end without passing it on. Then this process has a new parent.
const { ppid } = process
setInterval(() => {
  if (process.ppid !== ppid) process.kill(process.pid, 'SIGTERM')
}, 250).unref()
