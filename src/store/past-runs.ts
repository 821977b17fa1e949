/** How long steps of recoveries took: as many runs of each operation as an estimate asks for, so that it stays small for ever. */
import type { ActionOf, Attempt } from '../domain/action.ts'
import { keptRuns, runKey, type PastRuns } from '../domain/procedures/measured.ts'
import type { Remembered } from './memory.ts'

export interface PastRunsKept {
  all(): PastRuns
  /** Within a transaction. What was resumed, or did not end well, says nothing of the next one. */
  add(action: ActionOf<'recovery-step'>, attempt: Pick<Attempt, 'outcome' | 'endedAt' | 'restored'>): void
}

export function openPastRuns(kept: Remembered<PastRuns>): PastRunsKept {
  const all = (): PastRuns => kept.read() ?? {}
  return {
    all,
    add({ operation }, { outcome, endedAt: at, restored }) {
      if (outcome !== 'done' || restored === undefined || restored.resumed === true) return
      const key = runKey(operation)
      const { seconds, bytes } = restored
      const runs = [...(all()[key] ?? []), { at, seconds, bytes }].slice(-keptRuns)
      kept.write({ ...all(), [key]: runs })
    },
  }
}
