import { isSameRow } from '../../domain/procedures/order.ts'
import type { Row, RowName } from '../../domain/procedures/row.ts'
import type { Step } from '../../domain/runbook.ts'

/** How a row is placed among the steps before it. */
export interface Turn<S> {
  /** The fork that took another way; absent: none did. */
  endedBy?: RowName
  /** All that it needs is done. What an ended row was needed for needs what that row needed. */
  mayBeDone: boolean
  needs: readonly S[]
}

/** One step for each row, in order: a row needs none that comes later. */
export function inTurn<
  R extends Pick<Row, 'id' | 'subject' | 'needs' | 'in'>,
  S extends Pick<Step, 'id' | 'subject' | 'state' | 'branch'>,
>(rows: readonly R[], judge: (row: R, turn: Turn<S>) => S): S[] {
  const steps: S[] = []
  const stepOf = (name: RowName): S | undefined => steps.find((one) => isSameRow(one, name))
  const isThrough = (name: RowName): boolean => {
    const step = stepOf(name)
    if (step?.state !== 'ended') return step?.state === 'done'
    return rows.find((row) => isSameRow(row, name))?.needs.every(isThrough) ?? false
  }
  for (const row of rows) {
    const endedBy = row.in.find(({ fork, branch }) => {
      const taken = stepOf(fork)
      return taken?.state === 'ended' || (taken?.branch !== undefined && taken.branch !== branch)
    })?.fork
    const needs = row.needs.flatMap((name) => stepOf(name) ?? [])
    steps.push(judge(row, { ...(endedBy && { endedBy }), mayBeDone: row.needs.every(isThrough), needs }))
  }
  return steps
}
