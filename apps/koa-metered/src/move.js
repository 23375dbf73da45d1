// @ts-check
import { existsSync } from 'node:fs'
import { CopyError, copyTokens } from '@hallpass/core'
import { parseDatabase } from './database.js'
import { openStore } from './open-store.js'
import { StartError } from './start-error.js'

const USAGE = 'Usage: npm run move -- from to, each sqlite:path, postgres://… or redis://….'
/** A line of progress is printed so often. */
const TELL_EVERY_MS = 1000

/**
 * Copies everything from one database to another and prints how far it is. Run again, it goes on where it was cut off.
 * A reason why it cannot is one line on stderr and exit code 1.
 * @param {readonly string[]} args
 */
export async function move(args) {
  try {
    await copy(parseArgs(args))
  } catch (error) {
    if (!(error instanceof StartError || error instanceof CopyError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

/** @param {readonly string[]} args */
function parseArgs([fromText = '', toText = '', ...rest]) {
  if (fromText === '' || toText === '' || rest.length > 0) throw new StartError(USAGE)
  const [from, to] = [parseDatabase(fromText, 'from'), parseDatabase(toText, 'to')]
  if (from.label === to.label) throw new StartError('from and to are the same database.')
  if (from.kind === 'sqlite' && !existsSync(from.path)) throw new StartError(`There is no ${from.path}.`)
  return { from, to }
}

/** @param {{ from: import('./database.js').Database, to: import('./database.js').Database }} databases */
async function copy({ from, to }) {
  const source = await openStore(from)
  try {
    const target = await openStore(to)
    try {
      console.log(`From ${from.label} to ${to.label}; nothing else may use either until this is done`)
      const { counts } = await copyTokens(source.store, target.store, { onProgress: createTeller() })
      console.log(`done: ${describeCounts(counts)}; both hold the same`)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** @returns {(progress: import('@hallpass/core').CopyProgress) => void} */
function createTeller() {
  let step = ''
  let told = 0
  return (progress) => {
    const now = performance.now()
    if (progress.step === step && now - told < TELL_EVERY_MS) return
    step = progress.step
    told = now
    console.log(`${step}: ${describeCounts(progress.counts)}`)
  }
}

/** @param {import('@hallpass/core').CopyResult['counts']} counts */
function describeCounts(counts) {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')
}
