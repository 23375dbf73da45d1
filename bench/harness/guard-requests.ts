import { randomBytes } from 'node:crypto'
import { SCOPE } from './guard-setup.ts'
import { type PreparedRequest, prepareRequest } from './load.ts'
import { shuffle } from './slices.ts'
import { BOUNDED, breakSignature, issueAll, openService, type ServicePlace, toHs256 } from './tokens.ts'

const TOKENS = 10_000
/** Of each of the three kinds that are to be refused: 1 %. */
const REFUSED = TOKENS / 100

/** One request for each of 10,000 distinct tokens, as they are sent to one kind of subject. */
export interface RequestSet {
  readonly requests: readonly PreparedRequest[]
  /** A good token with another signature: 401 behind any guard. */
  readonly forged: PreparedRequest
  /** A good token. */
  readonly good: { readonly path: string; readonly token: string }
}

export interface GuardRequests {
  /** HMAC secret of the peers' tokens. */
  readonly secret: string
  /** Our tokens, where nobody looks at them. */
  readonly bare: RequestSet
  readonly ours: RequestSet
  /** HS256 tokens with the same claims. 200 is expected, also where ours is refused. */
  readonly peers: RequestSet
}

type Kind = keyof typeof EXPECTED
const EXPECTED = { good: 200, revoked: 401, foreign: 403, elsewhere: 403 } as const

/** Issues the tokens into `place`, in the order in which they will be used, and revokes some. */
export async function createGuardRequests(place: ServicePlace): Promise<GuardRequests> {
  const kinds = shuffle(
    Array.from({ length: TOKENS }, (_, i): Kind => {
      if (i < REFUSED) return 'revoked'
      if (i < 2 * REFUSED) return 'foreign'
      return i < 3 * REFUSED ? 'elsewhere' : 'good'
    }),
  )
  const service = await openService(place, BOUNDED)
  const issued = await issueAll(
    service,
    kinds.map((kind, i) => ({
      subject: `user-${i % 500}`,
      expiresIn: '1 day',
      scope: [SCOPE],
      paths: [kind === 'elsewhere' ? '/reports/' : '/files/'],
      ip: kind === 'foreign' ? ['10.0.0.0/8'] : ['127.0.0.0/8', '::1'],
    })),
  )
  const revoked = issued.filter((_, i) => kinds[i] === 'revoked')
  await Promise.all(revoked.map(({ record }) => service.revoke(record.project, record.id)))
  await service.close()

  const secret = randomBytes(32).toString('base64url')
  const native = issued.map(({ token }) => token)
  const always = kinds.map(() => 200)
  return {
    secret,
    bare: toRequestSet(native, always),
    ours: toRequestSet(
      native,
      kinds.map((kind) => EXPECTED[kind]),
    ),
    peers: toRequestSet(
      native.map((token) => toHs256(token, secret)),
      always,
    ),
  }

  function toRequestSet(tokens: readonly string[], expected: readonly number[]): RequestSet {
    const at = kinds.indexOf('good')
    const token = tokens[at] ?? ''
    return {
      requests: tokens.map((each, i) => toRequest(toPath(i), each, expected[i] ?? 0)),
      forged: toRequest(toPath(at), breakSignature(token), 401),
      good: { path: toPath(at), token },
    }
  }
}

function toPath(i: number): string {
  return `/files/report-${String(i).padStart(5, '0')}.txt`
}

function toRequest(path: string, token: string, expected: number): PreparedRequest {
  return prepareRequest({ method: 'GET', path, headers: [`Authorization: Bearer ${token}`] }, expected)
}
