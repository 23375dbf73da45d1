import { spawnSync } from 'node:child_process'

/** A server that tests need and npm cannot bring. */
export interface ServerProgram {
  readonly command: string
  /** Makes it say its version and end. */
  readonly versionFlag: string
  /** What apt calls it. */
  readonly aptPackage: string
  /** The service that the package brings and starts. */
  readonly service: string
  /** Whose tests need it. */
  readonly neededBy: string
}

/**
 * A function that says whether the program can be started here: it is on PATH, or apt could bring it. It throws under CI
 * when it cannot; elsewhere it is said once, and the tests that need it are skipped.
 */
export function createProgramCheck(program: ServerProgram): () => boolean {
  const { command, neededBy } = program
  let installed: boolean | null = null
  return () => {
    installed ??= isOnPath(program) || install(program)
    if (installed) return true
    const problem = `no ${command} on PATH, and apt could not install one`
    if (process.env.CI !== undefined && process.env.CI !== '') throw new Error(problem)
    process.stderr.write(`\n*** SKIPPED: the tests of ${neededBy}: ${problem} ***\n\n`)
    return false
  }
}

function isOnPath({ command, versionFlag }: ServerProgram): boolean {
  return spawnSync(command, [versionFlag]).status === 0
}

function install(program: ServerProgram): boolean {
  if (process.getuid?.() !== 0) return false
  const apt = (...parameters: string[]): boolean => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    return spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-qq', ...parameters], { env }).status === 0
  }
  if (!apt('update') || !apt('install', '-y', program.aptPackage)) return isOnPath(program)
  // Nobody here asked for the service.
  spawnSync('service', [program.service, 'stop'])
  return isOnPath(program)
}
