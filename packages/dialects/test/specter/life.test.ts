import { describe, expect, it } from 'vitest'
import { HOSTS } from '../hosts.ts'
import { startSpecter, TOKENS } from './start-specter.ts'

/** The documented table. */
const LIVES: readonly (readonly [text: string, seconds: number])[] = [
  ['6 hours', 21600],
  ['30 days', 2592000],
  ['1.5 hours', 5400],
  ['1h30m', 5400],
  ['1:30', 90],
  ['01:30:00', 5400],
  ['1:02:03:04', 93784],
  [':22', 22],
  ['2 weeks, 3 days', 1468800],
  ['1 hr 5 min', 3900],
  ['5 days/3 hours', 442800],
  ['3 dys', 259200],
  ['1.2 seconds', 1.2],
  ['1.9 minutes', 114],
]

const MORE_LIVES: readonly (readonly [text: string, seconds: number])[] = [
  ['+1 hour', 3600],
  ['1 WEEK 1 Day 1 hR 1 MIN 1 Sec', 694861],
  ['1w1d1h1m1s', 694861],
  ['2wks', 1209600],
  ['1 wk', 604800],
  ['1dy', 86400],
  ['2 hrs', 7200],
  ['2 mins', 120],
  ['3 secs', 3],
  ['.5 s', 0.5],
  ['0.001 s', 0.001],
  ['1.1 minutes', 66],
  ['  1 hour  ', 3600],
  ['1:02:03.5', 3723.5],
]

const REFUSED: readonly string[] = [
  '90',
  '1 month',
  '1 year',
  'five hours',
  '5 hours and 3 minutes',
  '1 minute 1 hour',
  '1,000 seconds',
  '',
  '-1 hour',
  '0 hours',
  '0:00',
  '-0 s',
  '0.0001 s',
  'NaN',
  'Infinity',
  '1e3 seconds',
  '9007199254740993 s',
  '99999999999999999999 weeks',
  '500000 weeks',
  `${'9'.repeat(5000)} s`,
  '1:99:00',
  'hours',
  '1 hour\u0000',
]

describe.each(HOSTS)('specter lives in %s', (_name, startHost) => {
  it.each([...LIVES, ...MORE_LIVES])('the life %j is %d seconds', async (text, seconds) => {
    const { call, service } = await startSpecter(startHost)
    const order = { jwt_token_description: 'a life', jwt_token_life: text }
    const { status, body } = await call('POST', TOKENS, { body: order })
    expect([status, body.jwt_token_life]).toEqual([201, seconds])
    const id = String(body.jwt_token_id)
    expect((await call('GET', `${TOKENS}/${id}`)).body).toMatchObject({
      jwt_token_life: seconds,
      jwt_token_life_remaining: seconds,
    })
    expect((await service.get('default', id))?.remainingSeconds).toBe(seconds)
  })

  it('lives that cannot be are refused with 400 and a reason', async () => {
    const { call } = await startSpecter(startHost)
    for (const text of REFUSED) {
      const order = { jwt_token_description: 'a life', jwt_token_life: text }
      const { status, body } = await call('POST', TOKENS, { body: order })
      expect([text.slice(0, 40), status]).toEqual([text.slice(0, 40), 400])
      expect(body.message).toMatch(/^jwt_token_life(:| must| ends)/)
    }
    expect((await call('GET', TOKENS)).status).toBe(404)
  })
})
