/** What became of the steps that Holdfast runs itself. */
import type { Time } from '../../base/time.ts'
import type { Attempt } from '../../domain/action.ts'
import { databaseFilledBy } from '../../domain/filled-database.ts'
import type { Operation } from '../../domain/procedures/operation.ts'
import { isSameRow } from '../../domain/procedures/order.ts'
import type { Row, RowName } from '../../domain/procedures/row.ts'
import type { Step, StepRun } from '../../domain/runbook.ts'
import type { Item, Subject } from '../../domain/words.ts'
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
  const kept = lasting(former?.run, lostAgainAt, memory)
  const { counts = null, earlier } = kept === null ? ranBefore(former, lostAgainAt, digest) : {}
  const action = kept ?? counts?.action ?? actionOfStep(row, since, lostAgainAt)
  const ended = memory.ranSteps.findLast((one) => one.action === action)
  const known = counts?.done ?? (former?.run?.action === action ? former.run.done : undefined)
  const done = ended ? { at: ended.endedAt, message: ended.message } : known
  const failed = memory.attempts.findLast((one) => one.action === action && one.outcome !== 'done')
  return {
    ...{ action, operation, set },
    isRunning: memory.inFlight.some(({ id }) => id === action),
    ...(done ? { done } : {}),
    ...(earlier && !done ? { earlier } : {}),
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

/** The same, where what it brought back before the last loss is still there too. `of`: subject of the flag. */
export function countsSince(
  step: RowName,
  { of, ...loss }: { of: Subject; since: Time; lostAgainAt: Time | null },
  digest: Pick<Digest, 'memory' | 'desired' | 'classes'>,
): Time | null {
  const own = digest.memory.standing.runbooks.find(({ subject }) => sameSubject(subject, of))
  const former = own?.steps.find((one) => isSameRow(one, step))
  return ranSince(step, loss, digest) ?? ranBefore(former, loss.lostAgainAt, digest).counts?.done.at ?? null
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

type Earlier = NonNullable<StepRun['earlier']>

/**
 * A run from before the last loss: it counts as long as its database is older than its end, while others were lost, for nothing
 * of it is gone. Whether that is so may be seen only later; where it cannot be seen for a while it is as it was seen.
 */
function ranBefore(
  former: Step | undefined,
  lostAgainAt: Time | null,
  digest: Pick<Digest, 'desired' | 'classes'>,
): { counts?: Earlier; earlier?: Earlier } {
  const { operation, action, done, earlier } = former?.run ?? {}
  const ran = earlier ?? (action !== undefined && done ? { action, done } : null)
  if (operation?.kind !== 'restore-item' || ran === null || lostAgainAt === null) return {}
  const isThere = isUntouched(operation.item, ran.done.at, digest)
  if (isThere === null) return !earlier && former?.lostAgainAt === lostAgainAt ? { counts: ran } : { earlier: ran }
  return isThere ? { counts: ran } : {}
}

/** Null: it cannot be seen. */
function isUntouched(
  item: Item,
  filledAt: Time,
  { desired, classes }: Pick<Digest, 'desired' | 'classes'>,
): boolean | null {
  const place = parseDatabase(databaseFilledBy(item, desired) ?? '')
  if (place === null) return false
  const sight = classes.scene.sights.of('sqlInstance', sqlSubject(place))
  if (sight.state !== 'seen') return null
  const { createdAt = null } = sight.value.databases.find(({ name }) => sameSubject(name, place.database)) ?? {}
  return createdAt !== null && createdAt <= filledAt && (sight.value.clock ?? null) === null
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
