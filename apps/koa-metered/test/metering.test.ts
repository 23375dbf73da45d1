import { describe, expect, it, vi } from 'vitest'
import {
  type Answer,
  type Call,
  callTokens,
  issueToken,
  leaveInTheMiddle,
  readRemaining,
  send,
} from './api-client.ts'
import { createDataDir, startDemo } from './demo-process.ts'

const QUOTE = '/v1/quotes?to=NO&grams=1500'
const TEXT = 'Ferries sail daily. Ferries carry cars and people. It rains. Late ferries make people wait.'

const summarise = (origin: string, token: string, body: unknown = { text: TEXT }): Promise<Answer> =>
  send(origin, '/v1/summaries', {
    token,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('the API', () => {
  it('says what it costs, to anybody', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { status, body } = await send(origin, '/')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      routes: [
        { method: 'GET', path: '/v1/quotes', cost: 1 },
        { method: 'POST', path: '/v1/summaries', cost: 5 },
      ],
    })
  })

  it('charges each route its own cost, and says what is left', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token, id } = await issueToken(origin, { credits: 12 })
    const quote = await send(origin, QUOTE, { token })
    expect([quote.status, quote.remaining]).toEqual([200, 11])
    expect(JSON.parse(quote.body)).toEqual({ to: 'NO', grams: 1500, price: '11.50', currency: 'EUR' })
    const summary = await summarise(origin, token)
    expect([summary.status, summary.remaining]).toEqual([200, 6])
    expect(JSON.parse(summary.body)).toEqual({
      summary: 'Ferries sail daily. Ferries carry cars and people.',
      sentences: { of: 4, kept: 2 },
    })
    expect(await readRemaining(origin, id)).toBe(6)
  })

  it('needs a token below /v1, and answers 404 elsewhere', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token } = await issueToken(origin, { paths: ['/v1/quotes'] })
    const cases: readonly [string, Call, number, string][] = [
      [QUOTE, {}, 401, 'token_missing'],
      ['/v1/none', {}, 401, 'token_missing'],
      ['/v1/summaries', { token, method: 'POST' }, 403, 'path_denied'],
      ['/elsewhere', { token }, 404, 'not_found'],
      ['/v1', { token }, 404, 'not_found'],
      ['/tokens2', {}, 404, 'not_found'],
    ]
    for (const [target, call, status, error] of cases) {
      const answer = await send(origin, target, call)
      expect([answer.status, answer.error], target).toEqual([status, error])
    }
    const challenge = (await send(origin, QUOTE)).headers['www-authenticate']
    expect(challenge).toBe('Bearer')
  })

  it('leaves tokens without credits unmetered', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token } = await issueToken(origin, {})
    const answer = await summarise(origin, token)
    expect([answer.status, answer.remaining]).toEqual([200, null])
  })
})

describe('a request that is not served', () => {
  it('gives its credits back, and says so', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token, id } = await issueToken(origin, { credits: 12 })
    const failures: readonly [Promise<Answer>, number, string][] = [
      [send(origin, '/v1/quotes?to=XX&grams=1', { token }), 404, 'no_such_destination'],
      [send(origin, '/v1/quotes?to=NO', { token }), 400, 'invalid_request'],
      [send(origin, '/v1/quotes?to=NO&to=SE&grams=1', { token }), 400, 'invalid_request'],
      [summarise(origin, token, { text: 'Too short.' }), 422, 'text_too_short'],
      [summarise(origin, token, '{"text":'), 400, 'invalid_request'],
      [summarise(origin, token, { text: TEXT, sentences: 0 }), 400, 'invalid_request'],
      [send(origin, '/v1/summaries', { token, method: 'POST', body: TEXT }), 415, 'unsupported_media_type'],
    ]
    for (const [sent, status, error] of failures) {
      const answer = await sent
      expect([answer.status, answer.error]).toEqual([status, error])
    }
    const last = await summarise(origin, token, { text: '' })
    expect([last.status, last.remaining]).toEqual([422, 12])
    expect(await readRemaining(origin, id)).toBe(12)
  })

  it('CRD-80 a body that is too large, announced or not, is refused and not charged', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token, id } = await issueToken(origin, { credits: 12 })
    const text = 'x'.repeat(70_000)
    const announced = await summarise(origin, token, { text })
    const chunked = await send(origin, '/v1/summaries', {
      token,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      body: JSON.stringify({ text }),
    })
    for (const answer of [announced, chunked]) {
      expect([answer.status, answer.error, answer.remaining]).toEqual([413, 'body_too_large', 12])
    }
    expect(await readRemaining(origin, id)).toBe(12)
  })

  it('CRD-81 a client that leaves in the middle of its request gets its credits back', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token, id } = await issueToken(origin, { credits: 12 })
    await leaveInTheMiddle(origin, token)
    // Charged first: only then does it mean something that nothing is missing.
    const charged = [{ key: id, calls: 1, credits: 5 }]
    await vi.waitFor(async () => {
      expect(JSON.parse((await callTokens(origin, '/usage?by=token')).body)).toEqual({ usage: charged })
    })
    await vi.waitFor(async () => expect(await readRemaining(origin, id)).toBe(12))
    expect((await summarise(origin, token)).remaining).toBe(7)
  })

  it('CRD-82 failing requests, all at once, never give back more than they took', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token, id } = await issueToken(origin, { credits: 12 })
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        i % 3 === 0 ? send(origin, QUOTE, { token }) : summarise(origin, token, { text: 'Too short.' }),
      ),
    )
    const count = (status: number): number => answers.filter((answer) => answer.status === status).length
    expect(count(200) + count(402) + count(422)).toBe(30)
    expect(await readRemaining(origin, id)).toBe(12 - count(200))
  })
})

describe('credits', () => {
  it('CRD-83 forty requests at once in two processes take no more than there is', async () => {
    const DATA_DIR = createDataDir()
    const demos = [await startDemo({ DATA_DIR }), await startDemo({ DATA_DIR })]
    const { token, id } = await issueToken(demos[0]?.origin ?? '', { credits: 12 })
    const answers = await Promise.all(
      demos.flatMap(({ origin }) => Array.from({ length: 20 }, () => summarise(origin, token))),
    )
    const count = (status: number): number => answers.filter((answer) => answer.status === status).length
    expect([count(200), count(402)]).toEqual([2, 38])
    expect(await readRemaining(demos[1]?.origin ?? '', id)).toBe(2)
  })

  it('CRD-84 a request that costs more than is left takes nothing', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token } = await issueToken(origin, { credits: 4 })
    const refused = await summarise(origin, token)
    expect([refused.status, refused.error, refused.remaining]).toEqual([402, 'credits_exhausted', 4])
    expect(JSON.parse(refused.body)).toMatchObject({ details: { remaining: 4, cost: 5 } })
    const quote = await send(origin, QUOTE, { token })
    expect([quote.status, quote.remaining]).toEqual([200, 3])
  })

  it('CRD-85 HEAD, unknown routes, other methods and refused requests cost nothing', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token, id } = await issueToken(origin, { credits: 4 })
    const head = await send(origin, QUOTE, { token, method: 'HEAD' })
    expect([head.status, head.body, head.remaining]).toEqual([200, '', 4])
    expect((await send(origin, '/v1/none', { token })).error).toBe('not_found')
    const wrong = await send(origin, '/v1/summaries', { token })
    expect([wrong.status, wrong.error, wrong.headers.allow]).toEqual([405, 'method_not_allowed', 'POST'])
    expect((await send(origin, `${QUOTE}`, { token, method: 'POST' })).headers.allow).toBe('GET')
    expect((await send(origin, `http://localhost${QUOTE}`, { token: `${token}x` })).status).toBe(401)
    expect(await readRemaining(origin, id)).toBe(4)
  })

  it('are topped up by PATCH, also where nothing was left', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token, id } = await issueToken(origin, { credits: 1 })
    expect((await send(origin, QUOTE, { token })).remaining).toBe(0)
    expect((await send(origin, QUOTE, { token })).error).toBe('credits_exhausted')
    const topped = await callTokens(origin, `/${id}`, 'PATCH', { credits: { add: 10 } })
    expect(JSON.parse(topped.body)).toMatchObject({ credits: { limit: 11, remaining: 10 }, status: 'active' })
    expect((await send(origin, QUOTE, { token })).remaining).toBe(9)
  })

  it('CRD-86 no other number can be added to them', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { id } = await issueToken(origin, { credits: 4 })
    for (const add of [-5, 0, 0.5, 2 ** 53, '5', null, true, [5]]) {
      const answer = await callTokens(origin, `/${id}`, 'PATCH', { credits: { add } })
      expect([answer.status, answer.error], String(add)).toEqual([400, 'invalid_request'])
    }
    expect(await readRemaining(origin, id)).toBe(4)
  })

  it('CRD-87 a token does not top itself up', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const { token, id } = await issueToken(origin, { credits: 4 })
    const answer = await send(origin, `/tokens/${id}`, {
      token,
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{"credits":{"add":100}}',
    })
    expect(answer.status).toBe(401)
    expect(await readRemaining(origin, id)).toBe(4)
  })

  it('are in the usage report, by subject and by token', async () => {
    const { origin } = await startDemo({ DATA_DIR: createDataDir() })
    const acme = await issueToken(origin, { subject: 'acme', credits: 20 })
    const other = await issueToken(origin, { subject: 'other', credits: 20 })
    for (let i = 0; i < 3; i++) await send(origin, QUOTE, { token: acme.token })
    await summarise(origin, other.token)
    const bySubject = await callTokens(origin, '/usage?by=subject')
    expect(JSON.parse(bySubject.body)).toEqual({
      usage: [
        { key: 'other', calls: 1, credits: 5 },
        { key: 'acme', calls: 3, credits: 3 },
      ],
    })
    const byToken = await callTokens(origin, '/usage?by=token&subject=acme')
    expect(JSON.parse(byToken.body)).toEqual({ usage: [{ key: acme.id, calls: 3, credits: 3 }] })
  })
})
