import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AccessRequest, IssueInput } from '../src/index.ts'
import { authorizeOutcome, startService, verifyOutcome } from './start-service.ts'

beforeEach(() => {
  // A kid that is changed waits for its turn to look into the store.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

const word = fc.stringMatching(/^[a-z]{1,8}$/)

/** What a token is bound to, with a request that keeps to it. */
const bound: fc.Arbitrary<{ input: IssueInput; request: Partial<AccessRequest> }> = fc
  .record({
    project: fc.option(word, { nil: undefined }),
    subject: fc.option(fc.stringMatching(/^[a-zé漢\p{Emoji_Presentation}]{1,8}$/u), { nil: undefined }),
    folder: fc.option(word, { nil: undefined }),
    file: word,
    scope: fc.option(word, { nil: undefined }),
    detail: word,
    network: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
    host: fc.integer({ min: 0, max: 255 }),
    method: fc.option(fc.constantFrom('GET', 'POST', 'DELETE'), { nil: undefined }),
    credits: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
    claims: fc.option(fc.dictionary(word, fc.oneof(word, fc.integer(), fc.constant(null)), { maxKeys: 3 }), {
      nil: undefined,
    }),
    expiresIn: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(
    ({
      project,
      subject,
      folder,
      file,
      scope,
      detail,
      network,
      host,
      method,
      credits,
      claims,
      expiresIn,
    }) => ({
      input: {
        ...(project !== undefined && { project }),
        ...(subject !== undefined && { subject }),
        ...(folder !== undefined && { paths: [`/${folder}/`] }),
        ...(scope !== undefined && { scope: [scope] }),
        ...(network !== undefined && { ip: [`10.${network}.0.0/16`] }),
        ...(method !== undefined && { httpMethods: [method] }),
        ...(credits !== undefined && { credits }),
        ...(claims !== undefined && { claims: { own: claims } }),
        expiresIn,
      },
      request: {
        address: network === undefined ? null : `10.${network}.0.${host}`,
        target: `/${folder ?? 'any'}/${file}`,
        method: method ?? 'GET',
        scope: scope === undefined ? [] : [`${scope}.${detail}`],
        cost: credits ?? 0,
        project: project ?? 'default',
      },
    }),
  )

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n'

test('what was issued verifies for its facts; any single character changed, added or taken away does not', async () => {
  const { service, store } = await startService()
  const bounded = await startService({ store, revocation: { mode: 'bounded', maxStalenessMs: 3_600_000 } })
  const edit = fc.record({
    at: fc.nat(),
    to: fc.constantFrom(...ALPHABET),
    how: fc.constantFrom<'change' | 'add' | 'take'>('change', 'add', 'take'),
  })
  await fc.assert(
    fc.asyncProperty(
      bound,
      fc.array(edit, { minLength: 1, maxLength: 12 }),
      async ({ input, request }, edits) => {
        const { token, record } = await service.issue(input)
        for (const { at, to, how } of edits) {
          const index = at % token.length
          const rest = token.slice(index + (how === 'add' ? 0 : 1))
          const changed = `${token.slice(0, index)}${how === 'take' ? '' : to}${rest}`
          if (changed === token) continue
          for (const each of [service, bounded.service]) {
            const outcome = authorizeOutcome(each, changed, request)
            await vi.advanceTimersByTimeAsync(1000)
            expect(await outcome).not.toBe('allowed')
          }
        }
        for (const each of [service, bounded.service]) {
          expect(await verifyOutcome(each, token)).toBe('allowed')
        }
        expect(await authorizeOutcome(bounded.service, token, { ...request, cost: 0 })).toBe('allowed')
        expect(await authorizeOutcome(service, token, request)).toBe('allowed')
        expect((await service.get(record.project, record.id))?.credits?.remaining ?? 0).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})
