import { describeAdapter, findDifferences } from '@hallpass/testing'
import Koa from 'koa'
import { expect, test } from 'vitest'
import { startKoa, startKoaRouter, startPlainKoa } from './start-koa.ts'

describeAdapter('koa 3', startKoa(Koa))
describeAdapter('koa 3 with a router', startKoaRouter(Koa))
describeAdapter('koa 3 alone', startPlainKoa(Koa))

test('the contract notices when the guard is left out', async () => {
  const differences = await findDifferences('koa 3', startKoa(Koa), { withoutGuard: true })
  expect(differences.length).toBeGreaterThan(100)
})
