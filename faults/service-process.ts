import { setImmediate as nextTurn } from 'node:timers/promises'
import { createTokenService } from '@hallpass/core'
import { createGate } from './gate.ts'
import { type Load, REQUEST, startLoad } from './load.ts'
import {
  type CommandMessage,
  type Commands,
  MASTER_SECRET,
  type Outcome,
  type ServiceMessage,
  type ServiceSetup,
  toMonotonicMs,
} from './service-commands.ts'
import { openStore } from './store-place.ts'

// `service-process.ts <setup as JSON>`: a service as users run it, that does what its parent asks.
const setup = JSON.parse(process.argv[2] ?? '') as ServiceSetup
const opened = await openStore(setup.place)
const gate = setup.gated === true ? createGate(opened.store) : null
const service = await createTokenService({
  issuer: 'https://faults.example',
  store: gate?.store ?? opened.store,
  keys: { masterSecret: MASTER_SECRET, publishDelaySeconds: 0 },
  revocation:
    setup.maxStalenessMs === null
      ? { mode: 'strict' }
      : { mode: 'bounded', maxStalenessMs: setup.maxStalenessMs },
  storeTimeoutMs: setup.storeTimeoutMs,
  maintenance: false,
  // Every refusal is counted by the one who asked.
  hooks: { onError: () => {} },
})
let load: Load | null = null

const tell = (message: ServiceMessage): void => void process.send?.(message)

async function authorize(token: string, cost: number): Promise<Outcome> {
  const decision = await service.authorize(token, { ...REQUEST, cost })
  return decision.allowed ? 'allowed' : decision.code
}

const commands: {
  readonly [Name in keyof Commands]: (input: Commands[Name]['input']) => Promise<Commands[Name]['answer']>
} = {
  async issue(input) {
    const { token, record } = await service.issue(input)
    return { token, id: record.id }
  },
  createPool: ({ name, credits }) => service.createPool('default', name, credits),
  authorize: ({ token, cost = 0 }) => authorize(token, cost),
  async revoke({ id }) {
    await service.revoke('default', id)
    return toMonotonicMs()
  },
  async spend({ tokens, clients, each }) {
    const counts: Partial<Record<Outcome, number>> = {}
    const client = async (_: unknown, number: number): Promise<void> => {
      for (let done = 0; done < each; done += 1) {
        const outcome = await authorize(tokens[(number + done) % tokens.length] ?? '', 1)
        counts[outcome] = (counts[outcome] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
    return counts
  },
  async watch({ token }) {
    let lastAllowedAt: number | null = null
    for (;;) {
      const startedAt = toMonotonicMs()
      const code = await authorize(token, 0)
      if (code !== 'allowed') return { code, lastAllowedAt }
      lastAllowedAt = startedAt
      await nextTurn()
    }
  },
  async work(input) {
    load = startLoad(service, input, (event) => tell({ kind: 'event', event }))
    return null
  },
  async rest() {
    await load?.stop()
    load = null
    return null
  },
  async gate(state) {
    if (gate === null) throw new Error('this process has no gate')
    gate.set(state)
    return null
  },
}

async function obey({ number, name, input }: CommandMessage): Promise<void> {
  const command = commands[name] as (input: unknown) => Promise<unknown>
  try {
    tell({ kind: 'answer', number, answer: await command(input) })
  } catch (error) {
    tell({ kind: 'error', number, message: error instanceof Error ? error.message : 'failed' })
  }
}

process.on('message', (message) => void obey(message as CommandMessage))
// Nobody is there to ask any more.
process.on('disconnect', () => process.exit())
tell({ kind: 'ready' })
