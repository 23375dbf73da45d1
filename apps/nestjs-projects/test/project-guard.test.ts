import type { AddressInfo } from 'node:net'
import { PASSWORD } from '@hallpass/testing'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createApp } from '../src/create-app.ts'
import { openData } from '../src/open-data.ts'
import { parseSettings } from '../src/settings.ts'
import { send } from './api-client.ts'
import { createDataDir, shareDemo } from './demo-process.ts'
import { setUpProjects, WELCOME } from './two-projects.ts'

const demo = shareDemo()

it('a token with another project’s paths opens nothing there, and its credit is given back', async () => {
  await setUpProjects(demo.origin)
  // No route issues such a token, so the service does it here, on the same data.
  const { service, directory } = await openData(parseSettings({ DATA_DIR: demo.dataDir }))
  try {
    const paths = ['/projects/']
    const { token, record } = await service.issue({
      ...{ project: 'borealis', subject: 'bea', scope: ['documents'], credits: 3, paths },
    })
    for (const target of [WELCOME.aurora, '/projects/nowhere/documents/welcome.txt']) {
      const answer = await send(demo.origin, target, { token })
      expect([answer.status, answer.error]).toEqual([404, 'not_found'])
    }
    const written = await send(demo.origin, WELCOME.aurora, { token, method: 'PUT', body: { text: 'mine' } })
    expect(written.status).toBe(404)
    expect((await send(demo.origin, WELCOME.borealis, { token })).body).toBe('Welcome to Borealis.\n')
    expect((await service.get('borealis', record.id))?.credits).toEqual({ limit: 3, remaining: 2 })
    const unbound = await service.issue({ project: 'aurora', subject: 'ada', scope: ['documents'] })
    expect((await send(demo.origin, WELCOME.aurora, { token: unbound.token })).error).toBe('path_denied')
  } finally {
    await service.close()
    directory.close()
  }
})

it('a credit that cannot be given back leaves the answer as it is, and its receipt in the log', async () => {
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => errors.mockRestore())
  const { service, directory } = await openData(parseSettings({ DATA_DIR: createDataDir() }))
  const refund = (): Promise<never> => Promise.reject(new Error('postgres://user:hidden@host'))
  const app = await createApp({ service: { ...service, refund }, directory }, PASSWORD)
  onTestFinished(async () => {
    await app.close()
    directory.close()
  })
  await app.listen(0)
  const { port } = app.getHttpServer().address() as AddressInfo
  const { token } = await service.issue({
    ...{ project: 'borealis', subject: 'bea', scope: ['documents'], credits: 3, paths: ['/projects/'] },
  })
  const answer = await send(`http://localhost:${port}`, WELCOME.aurora, { token })
  expect([answer.status, answer.error]).toEqual([404, 'not_found'])
  expect(errors.mock.calls).toEqual([
    [expect.stringMatching(/^credits were not given back: receipt [\w-]{36}, 1 credits$/)],
  ])
})
