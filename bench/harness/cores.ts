import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** As it is before anything is given away: afterwards this process sees the one core that it is left with. */
const CORES = availableParallelism()

/**
 * Gives the processes that are measured one core and this one, the load, the other; they change over with every round. Left to
 * the scheduler, one subject stays on one core for minutes and another on the other, and on a shared machine one of
 * them may be slower all the time. Does nothing where `taskset` or a second core is missing.
 */
export function assignCores(pids: readonly number[], round: number): void {
  if (CORES < 2) return
  const core = round % 2 === 0 ? 1 : 0
  pin(process.pid, 1 - core)
  for (const pid of pids) pin(pid, core)
}

/** All threads. */
function pin(pid: number, core: number): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)], { stdio: 'ignore' })
}
