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
  /** Which limits it broke; empty when it is ok. */
  broken: ('time' | 'memory')[]
  /** Peak of the process that did the work, where memory counts, and how much it may be. */
  residentBytes?: number
  residentBudgetBytes?: number
}

interface Measured {
  seconds: number
  residentBytes?: number
}

/** A row without a competitor: seconds, and memory where it counts, each against its budget. */
export function limitedRow(name: string, { seconds, residentBytes }: Measured, budget: Measured): Row {
  return {
    ...{ name, seconds, baseline: null, baselineSeconds: null, ratio: null, budget: budget.seconds },
    ...judged(seconds <= budget.seconds, residentBytes, budget.residentBytes),
  }
}

/** A row beside a competitor. `budget`: the largest ratio of ours to theirs. */
export function comparedRow(
  name: string,
  ours: Measured,
  theirs: { name: string; seconds: number },
  budget: { ratio: number; residentBytes: number },
): Row {
  const ratio = ours.seconds / theirs.seconds
  return {
    ...{ name, seconds: ours.seconds, baseline: theirs.name, baselineSeconds: theirs.seconds },
    ...{ ratio, budget: budget.ratio },
    ...judged(ratio <= budget.ratio, ours.residentBytes, budget.residentBytes),
  }
}

function judged(
  inTime: boolean,
  residentBytes: number | undefined,
  residentBudgetBytes: number | undefined,
): Pick<Row, 'ok' | 'broken' | 'residentBytes' | 'residentBudgetBytes'> {
  const inMemory =
    residentBytes === undefined || residentBudgetBytes === undefined || residentBytes <= residentBudgetBytes
  return {
    ok: inTime && inMemory,
    broken: [...(inTime ? [] : ['time' as const]), ...(inMemory ? [] : ['memory' as const])],
    ...(residentBytes === undefined ? {} : { residentBytes }),
    ...(residentBudgetBytes === undefined ? {} : { residentBudgetBytes }),
  }
}

export interface BenchContext {
  /** An empty folder with much room, in memory where that is at hand. */
  folder: string
  /** Of the store of very many files. */
  files: number
}

/** What each file in `rows/` exports. */
export interface RowsModule {
  rows: (context: BenchContext) => Promise<Row[]>
}
