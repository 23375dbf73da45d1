import { setImmediate } from 'node:timers/promises'
import { repeat } from '../harness/in-process.ts'
import type { Verify } from './verifiers.ts'

/** Between two turns of the event loop. */
const STEP = 1000
const ONCE_STEP = 500

/**
 * Verifies the tokens in turn, each time from a string that is made then, as a socket delivers it.
 * @returns how many
 * @throws when one is refused
 */
export function verifyAgain(tokens: readonly Buffer[], ms: number, verify: Verify): Promise<number> {
  let at = 0
  return repeat(ms, async () => {
    for (let done = 0; done < STEP; done += 1) {
      const verdict = verify(tokens[at]?.toString('latin1') ?? '')
      // A turn of the queue for each would be measured as well.
      const accepted = typeof verdict === 'boolean' ? verdict : await verdict
      if (!accepted) throw new Error('a good token was refused')
      at = at + 1 === tokens.length ? 0 : at + 1
    }
    return STEP
  })
}

/**
 * @returns how many
 * @throws when one is refused
 */
export async function verifyOnce(texts: readonly string[], verify: Verify): Promise<number> {
  for (let at = 0; at < texts.length; at += ONCE_STEP) {
    for (const text of texts.slice(at, at + ONCE_STEP)) {
      const verdict = verify(text)
      const accepted = typeof verdict === 'boolean' ? verdict : await verdict
      if (!accepted) throw new Error('a good token was refused')
    }
    await setImmediate()
  }
  return texts.length
}
