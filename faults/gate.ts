import { setTimeout as delay } from 'node:timers/promises'
import type { TokenStore } from '@hallpass/core'

/** What happens to calls of a store: `cut` = not made and never answered, `lost` = made and never answered. */
export type GateState = 'open' | 'cut' | 'lost' | { readonly slowMs: number }

export interface Gate {
  readonly store: TokenStore
  set(state: GateState): void
}

/** A store whose calls can be held up, for stores that have no connection which could be cut. */
export function createGate(store: TokenStore): Gate {
  let state: GateState = 'open'

  async function pass(call: () => unknown): Promise<unknown> {
    if (state === 'cut') return never()
    const answer = await call()
    if (state === 'lost') return never()
    if (typeof state === 'object') await delay(state.slowMs)
    return answer
  }

  return {
    store: new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function' || name === 'close' || name === 'watchRevocations') return member
        return (...parameters: unknown[]) => pass(() => Reflect.apply(member, target, parameters))
      },
    }),
    set(next) {
      state = next
    },
  }
}

function never(): Promise<never> {
  return new Promise(() => {})
}
