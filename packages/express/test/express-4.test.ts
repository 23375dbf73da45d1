import { describeAdapter, findDifferences } from '@hallpass/testing'
import express4 from 'express4'
import { expect, test } from 'vitest'
import { startExpress } from './start-express.ts'

describeAdapter('express 4', startExpress(express4))

test('the contract notices when the guard is left out', async () => {
  const differences = await findDifferences('express 4', startExpress(express4), { withoutGuard: true })
  expect(differences.length).toBeGreaterThan(100)
})
