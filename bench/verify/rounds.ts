import { assignCores } from '../harness/cores.ts'
import type { SliceCost } from '../harness/in-process.ts'
import { type ServerProcess, startServer } from '../harness/server-process.ts'
import { shuffle } from '../harness/slices.ts'
import type { Piece, VerifierSetup } from './subjects.ts'

/** A subject, and tokens that it must accept: those that come again, or one for its checks. */
export interface Contender {
  readonly setup: VerifierSetup
  readonly texts: readonly string[]
}

const WARM_UP_ROUNDS = 2
/** Where the parts of a program come to lie in memory differs from process to process, and with it their speed. */
export const ROUNDS_OF_A_PROCESS = 4
/** Into how many a slice is cut. */
export const PIECES = 5

type Verifiers = readonly { readonly child: ServerProcess; readonly costs: number[] }[]

/**
 * CPU µs per verification of each subject in each round, by the subject's name. Each is a process of its own, started
 * anew every few rounds; those of all subjects live at once. In a round each has one slice, whose pieces take turns in random order.
 * @param toPiece what is to be done in one, the same for all
 */
export async function measureVerifiers(
  contenders: readonly Contender[],
  rounds: number,
  toPiece: () => Piece,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const series = new Map(contenders.map(({ setup }): [string, number[]] => [setup.subject, []]))
  for (let done = 0; done < rounds; done += ROUNDS_OF_A_PROCESS) {
    const children: ServerProcess[] = []
    try {
      const verifiers: { child: ServerProcess; costs: number[] }[] = []
      for (const { setup, texts } of contenders) {
        const child = await startServer('verifier', setup, ['--expose-gc'])
        children.push(child)
        verifiers.push({ child, costs: series.get(setup.subject) ?? [] })
        await child.ask('hold', texts)
      }
      await takeRounds(verifiers, Math.min(ROUNDS_OF_A_PROCESS, rounds - done), toPiece)
    } finally {
      await Promise.all(children.map((child) => child.stop()))
    }
  }
  return series
}

async function takeRounds(verifiers: Verifiers, rounds: number, toPiece: () => Piece): Promise<void> {
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    assignCores(
      verifiers.map(({ child }) => child.pid),
      round,
    )
    const slices = new Map(verifiers.map((verifier) => [verifier, { count: 0, cpuMicros: 0 }]))
    for (let at = 0; at < PIECES; at += 1) {
      const order = toPiece()
      for (const [verifier, slice] of shuffle([...slices])) {
        const { count, cpuMicros } = (await verifier.child.ask('piece', order)) as SliceCost
        slice.count += count
        slice.cpuMicros += cpuMicros
      }
    }
    if (round < 0) continue
    for (const [{ costs }, { count, cpuMicros }] of slices) costs.push(cpuMicros / count)
  }
}
