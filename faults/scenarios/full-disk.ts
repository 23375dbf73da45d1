import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createLedger, takeStock } from '../ledger.ts'
import { startServiceProcess } from '../start-service-process.ts'
import { openStore, type StorePlace } from '../store-place.ts'
import type { Outages } from './outage.ts'

const DISK_MB = 8
const BALLAST_MB = 4
const LIMIT = 1_000_000

/**
 * SQLite on a small disk of its own: it fills up, refuses, gets room again, `rounds` times.
 * @returns null where no disk can be mounted (that takes root)
 */
export async function runFullDisk(rounds: number): Promise<Outages | null> {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-faults-disk-'))
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', folder]).status !== 0) {
    rmSync(folder, { recursive: true })
    return null
  }
  try {
    return await fill(folder, rounds)
  } finally {
    spawnSync('umount', [folder])
    rmSync(folder, { recursive: true })
  }
}

async function fill(folder: string, rounds: number): Promise<Outages> {
  const place: StorePlace = { kind: 'sqlite', path: join(folder, 'tokens.db') }
  const ballast = join(folder, 'ballast')
  const process = await startServiceProcess({ place, maxStalenessMs: null, storeTimeoutMs: 1000 })
  const ledger = createLedger()
  ledger.follow(process)
  let answeredMeanwhile = 0
  let longestRecoveryMs = 0
  try {
    const { token, id } = await process.ask('issue', { credits: LIMIT })
    for (let round = 0; round < rounds; round += 1) {
      await process.ask('work', { lanes: 8, meters: [token] })
      await delay(300)
      fillUp(ballast)
      // Pages that are free inside the file and its log are used up first.
      for (let before = -1; before !== ledger.answers; await delay(300)) before = ledger.answers
      const before = ledger.answers
      await delay(1000)
      answeredMeanwhile += ledger.answers - before
      rmSync(ballast)
      const endedAt = performance.now()
      await process.nextAnswer()
      longestRecoveryMs = Math.max(longestRecoveryMs, performance.now() - endedAt)
      await process.ask('rest', null)
    }
    const opened = await openStore(place)
    const tally = await takeStock(opened.store, ledger, [{ id, limit: LIMIT }])
    await opened.close()
    return { rounds, answeredMeanwhile, longestRecoveryMs, refused: ledger.refused, ...tally }
  } finally {
    await process.kill()
  }
}

/** Takes whatever room there is, up to a limit that leaves enough for the count afterwards. */
function fillUp(path: string): void {
  for (let size = BALLAST_MB * 1024 * 1024; size >= 4096; size /= 2) {
    try {
      writeFileSync(path, Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    }
  }
}
