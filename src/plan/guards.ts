import { addSeconds } from '../base/time.ts'
import { notFlagged } from '../domain/gate.ts'
import { stops } from '../domain/location-faults.ts'
import type { BackupLocation } from '../domain/model.ts'
import { isCommitted } from '../domain/recovery-point.ts'
import { parseSetId, sameSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'
import { isFrozenAlone } from '../domain/runbook.ts'
import { traitsOf, type Action, type Attempt, type Refusal, type Request } from '../domain/action.ts'
import type { Plan } from '../domain/plan.ts'
import type { Digest } from './digest.ts'
import { scratchInUse } from './scratch.ts'
import { freezeInWords, freezeOf } from './suspensions.ts'

interface Objection {
  /** Under which name it is told, where that is not the guard's own. */
  guard?: string
  message: string
  override: string
  /** True where the ground is only that nobody has looked yet: who asked goes on waiting. */
  waits?: boolean
}

/** What a guard looks at. */
interface Case {
  action: Action
  location: BackupLocation
  digest: Digest
}

interface Guard {
  name: string
  /** Of which actions it is asked. */
  concerns: (action: Action) => boolean
  objects: (one: Case) => Objection | null
}

/** What may stand against an action, the first that does speaks. Nothing else in the house refuses. */
const guards: readonly Guard[] = [
  { name: 'suspension', concerns: any, objects: frozen },
  { name: 'location', concerns: any, objects: badLocation },
  { name: 'empty-desired-state', concerns: (action) => traitsOf(action).adds, objects: emptyDesiredState },
  { name: 'restore-test', concerns: any, objects: noScratch },
  { name: 'fighting', concerns: any, objects: fighting },
]

function any(): boolean {
  return true
}

/** The last step of the planner: what is due -> what is allowed, and what is refused with the reason. */
export function guard(due: readonly Action[], digest: Digest): Pick<Plan, 'actions' | 'refused'> {
  const actions: Action[] = []
  const refused = new Map<string, Refusal & { actions: string[]; requests: string[] }>()
  for (const one of due) {
    const objection = firstObjection(one, digest)
    if (objection === null) {
      actions.push(one)
      continue
    }
    const { name, message, override, waits } = objection
    const key = `${name} ${message}`
    const refusal = refused.get(key) ?? { guard: name, actions: [], requests: [], message, override }
    refusal.actions.push(one.id)
    if (one.request && !waits) refusal.requests.push(one.request.id, ...(one.alsoFor ?? []))
    refused.set(key, refusal)
  }
  return { actions, refused: [...refused.values(), ...digest.memory.requests.flatMap((one) => unserved(one, digest))] }
}

function firstObjection(action: Action, digest: Digest): (Objection & { name: string }) | null {
  const name = action.location
  const location = digest.desired.locations.find((one) => sameSubject(one.name, name))
  if (!location)
    return {
      name: 'unknown-location',
      message: `The desired state names no location ${name}.`,
      override: `Commit a BackupLocation ${name}.`,
    }
  const one: Case = { action, location, digest }
  for (const { name: guardName, concerns, objects } of guards) {
    const objection = concerns(action) ? objects(one) : null
    if (objection) return { name: objection.guard ?? guardName, ...objection }
  }
  return null
}

/** What a person holds for a time. Sets are told by their policy: all of them may be asked for at once. */
function frozen({ action, digest }: Case): Objection | null {
  const by = freezeOf(action, digest)
  if (!by) return null
  const { kind, subject } = action
  const what = kind === 'verify-backup-set' ? `sets of ${parseSetId(subject)?.policy ?? subject}` : subject
  return {
    message: `${kind} of ${what}: ${freezeInWords(by)}`,
    override: `It ends by itself. To end it now, remove Suspension ${by.name} in Git.`,
  }
}

/** What stands against its location, by the one judge of locations. */
function badLocation({ action, location, digest }: Case): Objection | null {
  const fault = digest.faultsOf(location).find((one) => stops(one, action))
  if (!fault) return null
  return { guard: fault.code, message: fault.message, override: fault.remedy, waits: fault.waits }
}

/** A set of nothing would be complete, and `$Backup` would move to it. */
function emptyDesiredState({ digest: { desired } }: Case): Objection | null {
  if (desired.pools.length + desired.sqlStores.length + desired.fileStores.length > 0) return null
  return {
    message: `Revision ${desired.revision.slice(0, 8)} names no pool and no store: there is nothing to back up.`,
    override: 'Commit at least one Pool, SqlStore or FileStore.',
  }
}

/** A restore test needs a place that the policy gives for nothing else, and that nothing uses, also where Git does not know it. */
function noScratch({ action, digest }: Case): Objection | null {
  if (action.kind !== 'verify-backup-set' || action.level !== 'restore') return null
  const name = parseSetId(action.set)?.policy ?? ''
  const policy = digest.desired.policies.find((one) => sameSubject(one.name, name))
  const test = policy?.verification.restoreTest
  if (test) return scratchInUse(test, name, digest)
  return {
    message: `Policy ${name} names no place in which backups may be restored for a test.`,
    override: `Commit verification.restoreTest { sqlStore, folder, files } in policy ${name}, or use level sql.`,
  }
}

const fightingLimit = 10
const fightingSeconds = 3600

/** What was tried in vain, or done and undone, so often in an hour needs a person, not one more try. */
function fighting({ action, digest }: Case): Objection | null {
  if (action.cause === 'manual') return null
  const since = addSeconds(digest.now, -fightingSeconds)
  const isRecent = ({ endedAt }: Attempt): boolean => endedAt > since && endedAt <= digest.now
  const tried = digest.attempts(action.kind, action.subject).filter(isRecent).length
  const done = digest.memory.doneLately.filter(
    (one) => one.kind === action.kind && sameSubject(one.subject, action.subject) && isRecent(one),
  ).length
  if (tried + done <= fightingLimit) return null
  const what = `${action.kind} of ${action.subject} was`
  const times = `more than ${fightingLimit} times in an hour`
  return {
    message: done > tried ? `${what} done ${times}, and something undoes it each time.` : `${what} tried ${times}.`,
    override:
      done > tried
        ? `Find out who else writes to ${action.location}; Holdfast tries again by itself within the hour.`
        : 'Find out why it does not hold; it goes on by itself after an hour, or at once when asked for by hand.',
  }
}

/** A request that names something that does not exist can be served by no action. */
function unserved({ id, wish }: Request, digest: Digest): Refusal[] {
  const { desired, observed } = digest
  const refuse = (guardName: string, message: string, override: string): Refusal[] => [
    { guard: guardName, actions: [], requests: [id], message, override },
  ]
  if ('backup' in wish && !desired.policies.some(({ name }) => sameSubject(name, wish.backup)))
    return refuse(
      'unknown-policy',
      `There is no policy ${wish.backup}.`,
      `The policies are: ${named(desired.policies)}.`,
    )
  if ('takeOver' in wish && !desired.locations.some(({ name }) => sameSubject(name, wish.takeOver)))
    return refuse(
      'unknown-location',
      `There is no location ${wish.takeOver}.`,
      `The locations are: ${named(desired.locations)}.`,
    )
  if ('restore' in wish) return unrestorable(wish.restore, digest, refuse)
  if ('verify' in wish && wish.verify === null && !observed.sets.some(isCommitted))
    return refuse('set-unknown', 'There is no set with a commit record yet.', 'See holdfast sets.')
  if ('verify' in wish && wish.verify !== null) {
    const set = observed.sets.find(({ id: own }) => sameSubject(own, wish.verify ?? ''))
    if (!set) return refuse('set-unknown', `There is no set ${wish.verify}.`, 'See holdfast sets.')
    if (!isCommitted(set))
      return refuse(
        'set-not-committed',
        `${set.id} is ${set.state}: it has no commit record to check against.`,
        'Only a set that was brought to an end can be verified.',
      )
  }
  return []
}

/** Nothing of it can be run now: with every reason of every step that would be next. */
function unrestorable(
  subject: Subject,
  { runbooks, desired }: Digest,
  refuse: (guardName: string, message: string, override: string) => Refusal[],
): Refusal[] {
  const runbook = runbooks.find((one) => sameSubject(one.subject, subject))
  if (!runbook)
    return refuse('not-flagged', notFlagged(subject, desired.deployment.graceSeconds), 'See holdfast status.')
  const open = runbook.steps.filter(({ state, run }) => run && !run.done && state !== 'done' && state !== 'ended')
  if (open.length === 0)
    return refuse('nothing-to-run', `Holdfast has no step of ${subject} to run.`, `See holdfast runbook ${subject}.`)
  // What waits for a verification alone is served after that; what a Suspension alone holds is refused by its guard.
  const isServed = open
    .flatMap(({ run }) => run ?? [])
    .some((run) => run.isRunning || run.refused.every(({ gate }) => gate === 'set-not-verified') || isFrozenAlone(run))
  if (isServed) return []
  const reasons = open.flatMap(({ id, subject: of, run }) =>
    (run?.refused ?? []).map(({ message }) => `${id} of ${of}: ${message}`),
  )
  return refuse('gate', [...new Set(reasons)].join(' '), `See holdfast restore ${subject} --dry-run.`)
}

function named(resources: readonly { name: string }[]): string {
  return resources.map(({ name }) => name).join(', ') || 'none'
}
