/** What becomes of each `Recovery` of one user, and what stands against it (design, section 7, "The gate"). */
import { addSeconds } from '../../base/time.ts'
import type { Attempt } from '../../domain/action.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { UserRecovery } from '../../domain/model.ts'
import { servedBy, stateIn } from '../../domain/pool-state.ts'
import { isCommitted } from '../../domain/recovery-point.ts'
import { itemKey, sameSubject } from '../../domain/subject.ts'
import type { SetId } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { actionId } from '../due/hash.ts'
import { gitUnseen } from '../git-sight.ts'
import { freezeInWords, freezeOf } from '../suspensions.ts'
import { lastChange } from './declared.ts'

/** After the loss of the state store nobody knows what was run: what is older is not run a second time. */
const longestDays = 7

export const userRunStates = ['done', 'running', 'refused', 'due'] as const

interface UserRun {
  recovery: UserRecovery
  /** Id of its action: another set, pool or name makes it another one. */
  action: string
  /** Null: no location holds it. */
  set: SetSummary | null
  state: (typeof userRunStates)[number]
  /** Of `refused`: every reason. Of `done`: what was done. */
  why: readonly string[]
  /** Those that did not bring it back, oldest first. */
  tries: readonly Attempt[]
  /** What has to be verified first; null: nothing. */
  verify: SetId | null
}

/** One for each declaration. */
export function userRuns(digest: Digest): UserRun[] {
  return digest.desired.userRecoveries.map((recovery) => runOf(recovery, digest))
}

function runOf(recovery: UserRecovery, digest: Digest): UserRun {
  const { name, user, pool, from } = recovery
  const { memory, observed } = digest
  const action = actionId('restore-user', user, [name, pool.toLowerCase(), from.toLowerCase()])
  const set = observed.sets.find(({ id }) => sameSubject(id, from)) ?? null
  const tries = digest.attempts('restore-user', user).filter((one) => one.action === action)
  const known = { recovery, action, set, tries, verify: null }
  const done = memory.ranSteps.findLast((one) => one.action === action)
  if (done) return { ...known, state: 'done', why: [done.message ?? ''] }
  if (memory.inFlight.some(({ id }) => id === action)) return { ...known, state: 'running', why: [] }
  const why = [
    ...declaredLately(recovery, digest),
    ...stillAsked(digest),
    ...fromUsableCopy(recovery, set, digest),
    ...failedOver(recovery, digest),
    ...frozen(recovery, set, digest),
  ]
  const isUnproved = set !== null && why.length === 0 && set.verified.content === undefined
  return {
    ...{ ...known, verify: isUnproved ? set.id : null },
    state: why.length > 0 || isUnproved ? 'refused' : 'due',
    why: isUnproved ? [`${set.id} is not verified at level content yet.`] : why,
  }
}

function declaredLately({ name, file }: UserRecovery, digest: Digest): string[] {
  const at = lastChange(name, digest)?.at ?? null
  if (at === null) return [`When ${file} was committed is not known.`]
  if (at >= addSeconds(digest.now, -longestDays * 86_400)) return []
  return [
    `It was declared at ${at}, more than ${longestDays} days ago. Commit it under a new name if it is still wanted.`,
  ]
}

/** What is asked for may be withdrawn there by now. */
function stillAsked(digest: Digest): string[] {
  const unseen = gitUnseen(digest)
  return unseen === null ? [] : [`Git cannot be read, and by its last good revision alone nothing is run: ${unseen}`]
}

function fromUsableCopy({ pool, from }: UserRecovery, set: SetSummary | null, digest: Digest): string[] {
  if (!set) return [`No location holds the set ${from}.`]
  const hidden = digest.hidden(set.location)
  const item = itemKey({ kind: 'user-data', subject: pool })
  const isUsable = isCommitted(set) && !set.unvouched && set.ok.some((one) => itemKey(one) === item)
  return [
    ...(isUsable ? [] : [`${set.id} has no user data of ${pool} that can be used.`]),
    ...(hidden ? [`${set.id} is on ${set.location}: ${hidden.message}`] : []),
  ]
}

/** The users of a pool that is failed over work on another one. */
function failedOver({ pool }: UserRecovery, { desired, observed }: Digest): string[] {
  const seen = observed.facts.poolStates.get(desired.deployment.name)
  const state = seen?.known ? stateIn(seen.value, pool) : null
  return state !== null && servedBy(state) === 'partner' ? [`${pool} is failed over (${state}).`] : []
}

function frozen({ name, user, pool }: UserRecovery, set: SetSummary | null, digest: Digest): string[] {
  const location = set?.location ?? null
  const by = freezeOf(
    { kind: 'restore-user', subject: user, location, set: set?.id ?? null, recovery: name, pool },
    digest,
  )
  return by ? [freezeInWords(by)] : []
}
