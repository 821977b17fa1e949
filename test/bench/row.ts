/** One line of the result: ours in seconds, beside what it is measured against. */
export interface Row {
  name: string
  seconds: number
  /** What it is compared with; null: only a budget in seconds. */
  baseline: string | null
  baselineSeconds: number | null
  ratio: number | null
  /** Largest ratio allowed; seconds where there is no baseline. */
  budget: number
  ok: boolean
  /** Peak of the process that did the work, where memory counts. */
  residentBytes?: number
}

export interface BenchContext {
  /** An empty folder with much room, in memory where that is at hand. */
  folder: string
}

/** What each file in `rows/` exports. */
export interface RowsModule {
  rows(context: BenchContext): Promise<Row[]>
}
