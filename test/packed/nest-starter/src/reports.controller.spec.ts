import type { INestApplication } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { AppModule } from './app.module'
import { ReportsController } from './reports.controller'

describe('ReportsController', () => {
  let app: INestApplication

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile()
    app = module.createNestApplication()
    await app.listen(0)
  })

  afterAll(() => app.close())

  it('is injected', async () => {
    const { token } = await app.get(ReportsController).issue()
    expect(token.split('.')).toHaveLength(3)
  })

  it('is opened by a token', async () => {
    const url = `${await app.getUrl()}/reports`
    const refused = await fetch(url)
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({ error: 'token_missing' })
    const issued = await fetch(`${url}/tokens`, { method: 'POST' })
    const { token } = (await issued.json()) as { token: string }
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    expect(await answer.json()).toEqual({ reader: 'ann' })
  })
})
