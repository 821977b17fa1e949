import { isSameRow } from '../../domain/procedures/order.ts'
import type { Row } from '../../domain/procedures/row.ts'
import type { Runbook, Step } from '../../domain/runbook.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import { inTurn, type Turn } from './in-turn.ts'

/** `since`: absent where the state is another than in the runbooks that it is made from. */
export type UnitedStep = Omit<Step, 'title' | 'actor' | 'since'> & Partial<Pick<Step, 'since'>>

/** What is read of a row. */
type Place = Pick<Row, 'id' | 'subject' | 'needs' | 'in'>

/**
 * The steps of one procedure over several flags (ADR 0028), as the runbooks of the flags have them; it may be shorter than a
 * runbook, too. `about`: the subject of the rows that are done once for all, which each runbook has under its own name. Such a
 * step is done where each has it done. What another flag's step comes before waits for it. A row that none of them has, for
 * only the losses together make it, is watched by nobody: it stays open.
 */
export function unitedSteps(rows: readonly Place[], about: Subject, runbooks: readonly Runbook[]): UnitedStep[] {
  const ownOf = (row: Place): Step[] =>
    runbooks.flatMap(({ subject, steps }) => {
      const isOnce = sameSubject(row.subject, about)
      return steps.find((one) => isSameRow(one, row) || (isOnce && isSameRow(one, { id: row.id, subject }))) ?? []
    })
  return inTurn(rows, (row, turn) => united(row, ownOf(row), turn))
}

function united({ id, subject }: Place, own: readonly Step[], { endedBy, mayBeDone }: Turn<UnitedStep>): UnitedStep {
  const name = { id, subject }
  if (endedBy) return { ...name, state: 'ended', endedBy, isAcknowledgeable: false }
  const weakest = own.find(({ state }) => state !== 'done') ?? own[0]
  if (!weakest) return { ...name, state: mayBeDone ? 'ready' : 'waiting', isAcknowledgeable: false }
  if (mayBeDone || weakest.state === 'waiting') return { ...weakest, ...name }
  const { since: _, branch: __, ...told } = weakest
  return { ...told, ...name, state: 'waiting' }
}
