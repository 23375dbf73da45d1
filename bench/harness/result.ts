/** A table of RESULTS.md. The first row of a comparison is what the others are measured against. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** One promise of the project, and what came of it in this run. */
export interface Target {
  readonly what: string
  /** As it is promised: `≤ 0.8 µs`. */
  readonly target: string
  /** As it was measured, with its spread. */
  readonly measured: string
  readonly met: boolean
}

/** What a scenario found. */
export interface ScenarioResult {
  readonly tables: readonly Table[]
  readonly targets: readonly Target[]
  /** One sentence each: how it was measured, what a peer leaves out. */
  readonly notes: readonly string[]
}

export interface ScenarioOptions {
  /** Measured rounds; the scenarios warm up before them. At least 11 in a run that is published. */
  readonly rounds: number
  /** Length of one slice of one subject in one round, milliseconds. */
  readonly sliceMs: number
  /** Without the peers: what is ours, and what it stands on. */
  readonly oursOnly: boolean
}

export type Scenario = (options: ScenarioOptions) => Promise<ScenarioResult>
