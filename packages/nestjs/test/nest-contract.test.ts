import { describeAdapter, findDifferences } from '@hallpass/testing'
import { expect, test } from 'vitest'
import { MAJOR, PLATFORMS } from './nest-platform.ts'
import { startNest } from './start-nest.ts'

for (const platform of PLATFORMS) {
  const name = `nest ${MAJOR} on ${platform.name}`
  describeAdapter(name, startNest(platform))

  test(`the contract notices when the guard is left out of ${name}`, async () => {
    const differences = await findDifferences(name, startNest(platform), { withoutGuard: true })
    expect(differences.length).toBeGreaterThan(100)
  })
}
