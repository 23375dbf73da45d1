import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createTestService } from '@hallpass/core/testing'
import type { AuthedRequest } from '@hallpass/express'
import express from 'express'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { answerError } from '../src/errors.js'
import { answerNotServed, refundFailure } from '../src/not-served.js'
import { send } from './token-client.ts'

const SPEND = { receipt: 'the-receipt', cost: 1, remaining: 4, poolRemaining: null }

describe('a credit that cannot be given back', () => {
  it('leaves the answer as it is, and its receipt in the log', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => errors.mockRestore())
    const origin = await startApp()
    const answers = [
      await send(origin, '/files/none.txt'),
      await send(origin, '/files/a.txt', { method: 'DELETE' }),
      await send(origin, '/files/unsatisfiable'),
    ]
    expect(answers.map(({ status, error }) => [status, error])).toEqual([
      [404, 'not_found'],
      [405, 'method_not_allowed'],
      [416, 'range_not_satisfiable'],
    ])
    expect(errors.mock.calls).toEqual(
      answers.map(() => ['credits were not given back: receipt the-receipt, 1 credits']),
    )
  })
})

/** The handlers behind a guard that has charged, on a service whose store is away. */
async function startApp(): Promise<string> {
  const service = {
    ...(await createTestService()),
    refund: () => Promise.reject(new Error('postgres://user:hidden@host')),
  }
  const app = express()
  app.use((req: AuthedRequest, _res, next) => {
    Object.assign(req, { auth: { spend: SPEND } })
    next()
  })
  app.use('/files/unsatisfiable', (_req, _res, next) => next(Object.assign(new Error(), { status: 416 })))
  app.use('/files', answerNotServed(service))
  app.use(refundFailure(service))
  app.use(answerError)
  const server = app.listen(0)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}`
}
