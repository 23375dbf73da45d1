const { createApp } = require('./create-app')

let server
let service
let url

beforeAll(async () => {
  const created = await createApp()
  service = created.service
  await new Promise((resolve) => {
    server = created.app.listen(0, resolve)
  })
  url = `http://localhost:${server.address().port}/reports`
})

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await service.close()
})

test('a report is opened by a token', async () => {
  const refused = await fetch(url)
  expect(refused.status).toBe(401)
  expect(await refused.json()).toMatchObject({ error: 'token_missing' })
  const { token } = await service.issue({ subject: 'ann', scope: ['reports.read'] })
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  expect(await answer.json()).toEqual({ reader: 'ann' })
})
