import { describeAdapter, findDifferences } from '@hallpass/testing'
import express from 'express'
import { expect, test } from 'vitest'
import { startExpress } from './start-express.ts'

describeAdapter('express 5', startExpress(express))

test('the contract notices when the guard is left out', async () => {
  const differences = await findDifferences('express 5', startExpress(express), { withoutGuard: true })
  expect(differences.length).toBeGreaterThan(100)
})
