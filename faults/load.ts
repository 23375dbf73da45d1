import { setTimeout as delay } from 'node:timers/promises'
import { TokenRequestError, type TokenService } from '@hallpass/core'
import type { LoadEvent, LoadSetup, Outcome } from './service-commands.ts'

/** A request that tells nothing of itself. */
export const REQUEST = { address: null, target: null, method: null } as const
/** After a refusal, so that clients do not spin while the store is away. */
const PAUSE_MS = 10

export interface Load {
  /** Answers when the last request is over. */
  stop(): Promise<void>
}

/** Clients that issue a token, spend a credit of a metered one, revoke theirs and try it once more. */
export function startLoad(service: TokenService, setup: LoadSetup, tell: (event: LoadEvent) => void): Load {
  let running = true
  let turn = 0

  async function spend(): Promise<void> {
    const token = setup.meters[turn++ % setup.meters.length]
    if (token === undefined) return
    const decision = await service.authorize(token, { ...REQUEST, cost: 1 })
    if (!decision.allowed) tell({ did: 'refuse', code: decision.code })
    else if (decision.spend !== null) {
      tell({ did: 'spend', id: decision.token.id, receipt: decision.spend.receipt })
    }
  }

  async function once(): Promise<void> {
    const { token, record } = await service.issue({})
    tell({ did: 'issue', id: record.id })
    await spend()
    await service.revoke('default', record.id)
    tell({ did: 'revoke', id: record.id })
    const decision = await service.authorize(token, REQUEST)
    if (decision.allowed) tell({ did: 'see allowed', id: record.id })
    else if (decision.code === 'token_revoked') tell({ did: 'see revoked', id: record.id })
    else tell({ did: 'refuse', code: decision.code })
  }

  async function lane(): Promise<void> {
    while (running) {
      try {
        await once()
      } catch (error) {
        tell({ did: 'refuse', code: toCode(error) })
        await delay(PAUSE_MS)
      }
    }
  }

  const lanes = Array.from({ length: setup.lanes }, lane)
  return {
    async stop() {
      running = false
      await Promise.all(lanes)
    },
  }
}

function toCode(error: unknown): Outcome {
  return error instanceof TokenRequestError && error.code === 'store_unavailable' ? error.code : 'failed'
}
