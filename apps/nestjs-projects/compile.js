// @ts-check
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const APP = dirname(fileURLToPath(import.meta.url))
const DIST = join(APP, 'dist')
/** In `dist`: of which sources it was made. */
const MARK = '.sources'

/**
 * Compiles `src` to `dist`, unless that was made of these very sources. Any number of processes may do so at once, and
 * while others run what is there: a file of `dist` is replaced whole or not at all.
 * @returns {boolean} false = it could not, and the reason is printed
 */
export function compile() {
  const sources = hashSources()
  if (readMark() === sources) return true
  const tsc = findCompiler()
  if (tsc === null) {
    console.error('dist is not built of these sources, and there is no typescript to build it: npm install')
    return false
  }
  mkdirSync(DIST, { recursive: true })
  const draft = mkdtempSync(join(DIST, '.draft-'))
  try {
    const args = [tsc, '-p', join(APP, 'tsconfig.build.json'), '--outDir', draft]
    if (spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0) return false
    for (const name of listFiles(draft)) moveFile(draft, name)
    // Last: whoever reads it finds everything else in its place.
    writeFileSync(join(draft, MARK), sources)
    moveFile(draft, MARK)
    return true
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** @returns {string | null} null = not installed */
function findCompiler() {
  try {
    return fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')))
  } catch {
    return null
  }
}

function hashSources() {
  const hash = createHash('sha256')
  const names = [...listFiles(join(APP, 'src')).map((name) => join('src', name)), 'package.json']
  for (const name of [...names, 'tsconfig.json', 'tsconfig.build.json'].sort()) {
    const content = readFileSync(join(APP, name))
    hash.update(`${name} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

function readMark() {
  try {
    return readFileSync(join(DIST, MARK), 'utf8')
  } catch {
    return null
  }
}

/**
 * @param {string} draft
 * @param {string} name
 */
function moveFile(draft, name) {
  const target = join(DIST, name)
  mkdirSync(dirname(target), { recursive: true })
  renameSync(join(draft, name), target)
}

/** @param {string} folder */
function listFiles(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
