import { assignCores } from '../harness/cores.ts'
import type { SliceCost } from '../harness/in-process.ts'
import { type ServerProcess, startServer } from '../harness/server-process.ts'
import { shuffle } from '../harness/slices.ts'
import type { SliceOrder, VerifierSetup } from './subjects.ts'

/** A subject, and tokens that it must accept: those that come again, or one for its checks. */
export interface Contender {
  readonly setup: VerifierSetup
  readonly texts: readonly string[]
}

const WARM_UP_ROUNDS = 2

/**
 * CPU µs per verification of each subject in each round, by the subject's name. Each is a process of its own; all
 * live until the last slice, and in a round each has one, in random order.
 * @param order of a round, the same for all
 */
export async function measureVerifiers(
  contenders: readonly Contender[],
  rounds: number,
  order: () => SliceOrder,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const verifiers: { readonly child: ServerProcess; readonly costs: number[] }[] = []
  const series = new Map<string, readonly number[]>()
  try {
    for (const { setup, texts } of contenders) {
      const child = await startServer('verifier', setup, ['--expose-gc'])
      const costs: number[] = []
      verifiers.push({ child, costs })
      series.set(setup.subject, costs)
      await child.ask('hold', texts)
    }
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      const ordered = order()
      assignCores(
        verifiers.map(({ child }) => child.pid),
        round,
      )
      for (const { child, costs } of shuffle(verifiers)) {
        const { count, cpuMicros } = (await child.ask('slice', ordered)) as SliceCost
        if (round >= 0) costs.push(cpuMicros / count)
      }
    }
  } finally {
    await Promise.all(verifiers.map(({ child }) => child.stop()))
  }
  return series
}
