/** What became of the steps that Holdfast runs itself. */
import type { Time } from '../../base/time.ts'
import type { Attempt } from '../../domain/action.ts'
import { databaseFilledBy } from '../../domain/filled-database.ts'
import type { Operation } from '../../domain/procedures/operation.ts'
import type { Row, RowName } from '../../domain/procedures/row.ts'
import type { Step, StepRun } from '../../domain/runbook.ts'
import type { Item } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { itemKey, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import { actionId } from '../due/hash.ts'
import type { ChosenCopies } from './chosen-copies.ts'

/** Looks are made by everybody: only what changes something is run. */
function isRunnable(operation: Operation | undefined): operation is Exclude<Operation, { kind: 'check-replication' }> {
  return operation !== undefined && operation.kind !== 'check-replication'
}

/** What it brings back, or proves to be back: user data take effect with the start of the pool. */
function itemOf(operation: Operation): Item | null {
  if (operation.kind === 'restore-item') return operation.item
  return operation.kind === 'start-services' ? { kind: 'user-data', subject: operation.pool } : null
}

/**
 * Null: Holdfast does not run it. A further loss makes it another step, unless what it brought back is not lost; another name of
 * the `Recovery` does not.
 */
export function stepRun(
  row: Row,
  loss: { since: Time; lostAgainAt: Time | null; copies: ChosenCopies['copies'] },
  former: Step | undefined,
  digest: Pick<Digest, 'memory' | 'desired' | 'classes'>,
): Omit<StepRun, 'refused'> | null {
  if (!isRunnable(row.operation)) return null
  const { since, lostAgainAt } = loss
  const { operation } = row
  const item = itemOf(operation)
  const set = item ? (loss.copies.get(itemKey(item))?.id ?? null) : null
  const { memory } = digest
  const action =
    lasting(former?.run, lostAgainAt, memory) ??
    untouched(former, lostAgainAt, digest) ??
    actionOfStep(row, since, lostAgainAt)
  const ended = memory.ranSteps.findLast((one) => one.action === action)
  const known = former?.run?.action === action ? former.run.done : undefined
  const done = ended ? { at: ended.endedAt, message: ended.message } : known
  const failed = memory.attempts.findLast((one) => one.action === action && one.outcome !== 'done')
  return {
    ...{ action, operation, set },
    isRunning: memory.inFlight.some(({ id }) => id === action),
    ...(done ? { done } : {}),
    ...(failed && !done ? { tried: triedBy(failed) } : {}),
  }
}

/** Of the same step of the same loss. */
function actionOfStep({ id, subject }: RowName, since: Time, lostAgainAt: Time | null): string {
  return actionId('recovery-step', subject, [id, since, lostAgainAt])
}

/** When a step was run to its end since what it stands on was lost, whether the runbook still has it or not; null: never. */
export function ranSince(
  step: RowName,
  loss: { since: Time; lostAgainAt: Time | null },
  { memory }: Pick<Digest, 'memory'>,
): Time | null {
  const action = actionOfStep(step, loss.since, loss.lostAgainAt)
  return memory.ranSteps.findLast((one) => one.action === action)?.endedAt ?? null
}

function triedBy({ endedAt, outcome, message, code }: Attempt): NonNullable<StepRun['tried']> {
  return { at: endedAt, outcome, message, ...(code === undefined ? {} : { code }) }
}

/** A run that the loss of something beside it did not end goes on; what it proved at its end was so after that loss. */
function lasting(
  run: Step['run'],
  lostAgainAt: Time | null,
  { inFlight, ranSteps }: Pick<Digest['memory'], 'inFlight' | 'ranSteps'>,
): string | null {
  if (!run || lostAgainAt === null) return null
  const endedAt = ranSteps.findLast(({ action }) => action === run.action)?.endedAt ?? run.done?.at
  const isLasting = endedAt === undefined ? inFlight.some(({ id }) => id === run.action) : endedAt > lostAgainAt
  return isLasting ? run.action : null
}

/**
 * A run whose database is older than its end, while others were lost: nothing of it is gone. Where that cannot be seen for a
 * while it is as it was judged at the loss.
 */
function untouched(
  former: Step | undefined,
  lostAgainAt: Time | null,
  { desired, classes }: Pick<Digest, 'desired' | 'classes'>,
): string | null {
  const { operation, done, action = null } = former?.run ?? {}
  if (operation?.kind !== 'restore-item' || done === undefined || lostAgainAt === null) return null
  const place = parseDatabase(databaseFilledBy(operation.item, desired) ?? '')
  const sight = place ? classes.scene.sights.of('sqlInstance', sqlSubject(place)) : null
  if (place === null || sight?.state !== 'seen') return former?.lostAgainAt === lostAgainAt && place ? action : null
  const { createdAt = null } = sight.value.databases.find(({ name }) => sameSubject(name, place.database)) ?? {}
  return createdAt !== null && createdAt <= done.at && (sight.value.clock ?? null) === null ? action : null
}

/** Where its set is; services are stopped and started in the name of what is restored around them. */
export function locationOf(
  { run }: Step,
  steps: readonly Step[],
  { observed, desired }: Pick<Digest, 'observed' | 'desired'>,
): string | null {
  const id = run?.set ?? steps.find((one) => one.run?.set)?.run?.set
  return observed.sets.find((set) => set.id === id)?.location ?? desired.locations[0]?.name ?? null
}
