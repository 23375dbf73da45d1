import { chmodSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openService } from '../src/open-service.js'
import { parseSettings } from '../src/settings.js'
import { createDataDir } from './demo-process.ts'

describe('openService', () => {
  it('names a folder that may not be written to', async () => {
    const dataDir = createDataDir()
    chmodSync(dataDir, 0o555)
    actAsNobody()
    const opening = openService(parseSettings({ DATA_DIR: dataDir }))
    await expect(opening).rejects.toThrow(
      `DATA_DIR ${dataDir} cannot be used (EACCES): it must be a folder to write in.`,
    )
  })
})

/** The superuser may write everywhere. */
function actAsNobody(): void {
  const { geteuid, seteuid } = process
  if (geteuid === undefined || seteuid === undefined || geteuid() !== 0) return
  seteuid(65_534)
  onTestFinished(() => seteuid(0))
}
