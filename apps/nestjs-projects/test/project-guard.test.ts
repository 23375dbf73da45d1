import { expect, it } from 'vitest'
import { openData } from '../src/open-data.ts'
import { parseSettings } from '../src/settings.ts'
import { send } from './api-client.ts'
import { shareDemo } from './demo-process.ts'
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
