/** What this process does from time to time, aside from its requests. */
const works: (() => Promise<unknown>)[] = []

/** @param work does now what would be done within {@link BACKGROUND_SECONDS} */
export function addBackgroundWork(work: () => Promise<unknown>): void {
  works.push(work)
}

/** How often it is done: what Hallpass counts is written every 5 seconds. */
export const BACKGROUND_SECONDS = 5

/** Does all of it. @returns CPU time, microseconds */
export async function doBackgroundWork(): Promise<number> {
  const before = process.cpuUsage()
  for (const work of works) await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
