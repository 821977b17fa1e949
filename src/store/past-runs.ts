/** How long steps of recoveries took: as many runs of each operation as an estimate asks for, so that it stays small for ever. */
import type { ActionOf, Attempt } from '../domain/action.ts'
import { keptRuns, restoreKey, runKey, type PastRun, type PastRuns } from '../domain/procedures/measured.ts'
import type { Remembered } from './memory.ts'

export interface PastRunsKept {
  all(): PastRuns
  /** Within a transaction. What was resumed, or did not end well, says nothing of the next one. */
  add(action: ActionOf<'recovery-step'>, attempt: Pick<Attempt, 'outcome' | 'endedAt' | 'restored'>): void
  /** Within a transaction. Of a restore test: all items of a kind together are one run. */
  addTest(attempt: Pick<Attempt, 'endedAt' | 'proved'>): void
}

export function openPastRuns(kept: Remembered<PastRuns>): PastRunsKept {
  const all = (): PastRuns => kept.read() ?? {}
  const keep = (key: string, run: PastRun): void => {
    kept.write({ ...all(), [key]: [...(all()[key] ?? []), run].slice(-keptRuns) })
  }
  return {
    all,
    add({ operation }, { outcome, endedAt: at, restored }) {
      if (outcome !== 'done' || restored === undefined || restored.resumed === true) return
      const { seconds, bytes } = restored
      keep(runKey(operation), { at, seconds, bytes })
    },
    addTest({ endedAt: at, proved = [] }) {
      for (const [kind, items] of Map.groupBy(proved, (item) => item.kind)) {
        const seconds = items.reduce((sum, item) => sum + item.seconds, 0)
        const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
        keep(restoreKey(kind), { at, seconds, bytes })
      }
    },
  }
}
