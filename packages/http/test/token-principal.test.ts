import type { Principal } from '@hallpass/core'
import { expect, test } from 'vitest'
import { managementHandler, tokenAuthorizer } from '../src/index.ts'
import { createService, type Got, send } from './management-call.ts'

test('`toPrincipal` says what a token opens whose scope does not', async () => {
  const service = await createService()
  const seen: Principal[] = []
  const handler = managementHandler(service, {
    authorize: tokenAuthorizer(service, {
      toPrincipal(principal, { claims }) {
        seen.push(principal)
        return { ...principal, can: claims.role === 'clerk' ? ['issue'] : [] }
      },
    }),
  })
  const ask = async (role: string): Promise<Got> => {
    const { token } = await service.issue({ project: 'shop', subject: 'ada', claims: { role } })
    return send(handler, 'POST', '/', { json: {}, headers: [['authorization', `Bearer ${token}`]] })
  }
  expect(await ask('clerk')).toMatchObject({ status: 201, json: { project: 'shop', subject: 'ada' } })
  expect(await ask('guest')).toMatchObject({ status: 403, json: { error: 'action_denied' } })
  expect(seen).toMatchObject([
    { projects: ['shop'], subjects: ['ada'], can: [], grant: { maxLifeSeconds: expect.any(Number) } },
    { can: [] },
  ])
})
