import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { serve } from '../harness/serve.ts'
import { openService, type ServicePlace, STRICT } from '../harness/tokens.ts'

/** What one process is to do in one slice. */
export interface SpendOrder {
  readonly ms: number
  readonly clients: number
  /** False = it is a warm-up. */
  readonly measured: boolean
}

/** What came of it. Delays are milliseconds between two runs of a timer of 1 ms. */
export interface SpendReport {
  readonly outcomes: Readonly<Record<string, number>>
  readonly p99: number
  readonly max: number
  /** Over all measured slices so far. */
  readonly p99OfAll: number
}

interface SpenderSetup {
  readonly place: ServicePlace
  readonly tokens: readonly string[]
}

const NANOSECONDS = 1e6
const REQUEST = { address: '127.0.0.1', target: '/reports/a', method: 'GET', cost: 1 }

// A process that spends as fast as it can, on a store that others spend from at the same time.
await serve<SpenderSetup>(async ({ place, tokens }) => {
  const service = await openService(place, STRICT)
  const all = monitorEventLoopDelay({ resolution: 1 })

  async function spend({ ms, clients, measured }: SpendOrder): Promise<SpendReport> {
    const outcomes: Record<string, number> = {}
    const deadline = performance.now() + ms
    const delay = monitorEventLoopDelay({ resolution: 1 })
    const client = async (): Promise<void> => {
      while (performance.now() < deadline) {
        const token = tokens[Math.floor(Math.random() * tokens.length)] ?? ''
        const decision = await service.authorize(token, REQUEST)
        const outcome = decision.allowed ? 'allowed' : decision.code
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        // A refusal may come without a promise; others are to get their turn.
        if (!decision.allowed) await nextTurn()
      }
    }
    delay.enable()
    if (measured) all.enable()
    await Promise.all(Array.from({ length: clients }, client))
    delay.disable()
    all.disable()
    return {
      outcomes,
      p99: delay.percentile(99) / NANOSECONDS,
      max: delay.max / NANOSECONDS,
      p99OfAll: all.percentile(99) / NANOSECONDS,
    }
  }

  return {
    commands: { spend: (order) => spend(order as SpendOrder) },
    close: () => service.close(),
  }
})
