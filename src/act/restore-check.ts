import type { Problem } from '../base/problem.ts'
import type { SetProblem } from '../domain/backup-set.ts'
import type { ProvedItem, TrialImport } from '../domain/restore-proofs.ts'
import type { Item } from '../domain/words.ts'

/** What restoring, or letting SQL Server read, the items of a set has shown. */
export interface RestoreCheck {
  /** How many items were looked at to the end. */
  checked: number
  problems: SetProblem[]
  damaged: Item[]
  /** Why some could not be looked at: that says nothing of them. */
  failures: Problem[]
  /** What was brought back. */
  proved: ProvedItem[]
  /** What a trial import said; it decides nothing. */
  trials: TrialImport[]
}

export function nothingProved(): RestoreCheck {
  return { checked: 0, problems: [], damaged: [], failures: [], proved: [], trials: [] }
}

/** Both together. A kind counts as proved only where nothing of that kind is damaged. */
export function united(a: RestoreCheck, b: RestoreCheck): RestoreCheck {
  const damaged = [...a.damaged, ...b.damaged]
  const isSound = ({ kind }: ProvedItem): boolean => !damaged.some((item) => item.kind === kind)
  return {
    checked: a.checked + b.checked,
    problems: [...a.problems, ...b.problems],
    damaged,
    failures: [...a.failures, ...b.failures],
    proved: [...a.proved, ...b.proved].filter(isSound),
    trials: [...a.trials, ...b.trials],
  }
}
