/** What restore tests proved: one small value, whatever becomes of the sets. */
import type { ActionOf, Attempt } from '../domain/action.ts'
import { withTest, type RestoreProofs } from '../domain/restore-proofs.ts'
import { parseSetId } from '../domain/subject.ts'
import type { Remembered } from './memory.ts'

export interface RestoreProofsKept {
  all(): RestoreProofs
  /** Within a transaction. A test that found damage is no turn that was passed: another set is picked. */
  add(
    action: ActionOf<'verify-backup-set'>,
    attempt: Pick<Attempt, 'outcome' | 'endedAt' | 'problems' | 'proved' | 'trials'>,
  ): void
}

export function openRestoreProofs(kept: Remembered<RestoreProofs>): RestoreProofsKept {
  const all = (): RestoreProofs => kept.read() ?? {}
  return {
    all,
    add({ set, turn = null }, { outcome, endedAt: at, problems = [], proved: items, trials }) {
      const policy = parseSetId(set)?.policy
      if (outcome !== 'done' || items === undefined || policy === undefined) return
      kept.write(withTest(all(), policy, { set, at, items, turn: problems.length === 0 ? turn : null, trials }))
    },
  }
}
