import { addSeconds } from '../base/time.ts'
import { formatSize } from '../base/units.ts'
import type { Facts } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import { isCommitted } from '../domain/recovery-point.ts'
import { parseSetId, sameSubject } from '../domain/subject.ts'
import { traitsOf, type Action, type Attempt, type Refusal, type Request } from '../domain/action.ts'
import type { Observation } from '../domain/observation.ts'
import type { Plan } from '../domain/plan.ts'
import type { Digest } from './digest.ts'
import { isEmptied } from './emptied.ts'

interface Objection {
  message: string
  override: string
  /** True where the ground is only that nobody has looked yet: who asked goes on waiting. */
  waits?: boolean
}

/** What a guard looks at. `fact` is what was last seen of the location; undefined before the first look. */
interface Case {
  action: Action
  location: BackupLocation
  fact: Observation<Facts['location']> | undefined
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
  { name: 'location-not-seen', concerns: any, objects: notSeen },
  { name: 'location-unreachable', concerns: any, objects: unreachable },
  { name: 'location-without-identity', concerns: (action) => traitsOf(action).adds, objects: emptied },
  { name: 'location-of-another-deployment', concerns: any, objects: foreignDeployment },
  { name: 'location-of-another-owner', concerns: (action) => traitsOf(action).needsOwnership, objects: foreignOwner },
  { name: 'empty-desired-state', concerns: (action) => traitsOf(action).adds, objects: emptyDesiredState },
  { name: 'minimum-free', concerns: (action) => traitsOf(action).fills, objects: tooFull },
  { name: 'restore-test', concerns: any, objects: withoutRestoreTest },
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
    if (one.request && !waits) refusal.requests.push(one.request.id)
    refused.set(key, refusal)
  }
  return { actions, refused: [...refused.values(), ...digest.memory.requests.flatMap((one) => unserved(one, digest))] }
}

function firstObjection(action: Action, digest: Digest): (Objection & { name: string }) | null {
  const name = action.location
  const location = digest.desired.locations.find((one) => sameSubject(one.name, name))
  if (!location)
    return {
      name: 'location-unknown',
      message: `The desired state names no location ${name}.`,
      override: `Commit a BackupLocation ${name}.`,
    }
  const one: Case = { action, location, fact: digest.observed.facts.location.get(location.name), digest }
  for (const { name: guardName, concerns, objects } of guards) {
    const objection = concerns(action) ? objects(one) : null
    if (objection) return { name: guardName, ...objection }
  }
  return null
}

function notSeen({ location, fact }: Case): Objection | null {
  if (fact) return null
  return {
    message: `Nobody has looked at ${location.share} yet.`,
    override: 'Wait for the first look, or start the daemon.',
    waits: true,
  }
}

function unreachable({ location, fact }: Case): Objection | null {
  if (!fact || fact.known) return null
  return {
    message: `${location.share} cannot be used: ${fact.error}`,
    override: 'Bring the share back, or commit another BackupLocation.',
  }
}

/** An empty mount point, or another share under the same name: nothing is claimed while sets of ours are missing there. */
function emptied({ location, fact, digest }: Case): Objection | null {
  if (!fact?.known || !isEmptied(location.name, fact.value, digest.observed.sets)) return null
  return {
    message: `${location.share} no longer says whose it is, and the sets that stood there are gone.`,
    override: `Connect the right share. If a new one took its place on purpose: holdfast take-over ${location.name}`,
  }
}

function foreignDeployment({ location, fact, digest }: Case): Objection | null {
  const identity = fact?.known ? fact.value.identity : null
  const ours = digest.desired.deployment.name
  if (!identity || identity.deployment === ours) return null
  return {
    message: `${location.share} belongs to the deployment ${identity.deployment}, not to ${ours}.`,
    override: 'Commit a BackupLocation with a share of its own.',
  }
}

function foreignOwner({ location, fact }: Case): Objection | null {
  if (!fact?.known || !fact.value.identity || fact.value.identity.owner === fact.value.us) return null
  return {
    message: `${location.share} is owned by another daemon (${fact.value.identity.owner}).`,
    override: `If that daemon is gone for good: holdfast take-over ${location.name}`,
  }
}

/** A set of nothing would be complete, and `$Backup` would move to it. */
function emptyDesiredState({ digest: { desired } }: Case): Objection | null {
  if (desired.pools.length + desired.sqlStores.length + desired.fileStores.length > 0) return null
  return {
    message: `Revision ${desired.revision.slice(0, 8)} names no pool and no store: there is nothing to back up.`,
    override: 'Commit at least one Pool, SqlStore or FileStore.',
  }
}

function tooFull({ location, fact }: Case): Objection | null {
  if (!fact?.known || fact.value.freeBytes >= location.minimumFree) return null
  return {
    message: `${location.share} has less than ${formatSize(location.minimumFree)} free.`,
    override: 'Free space there, or commit a smaller minimumFree.',
  }
}

/** A restore test needs an instance that the policy gives for nothing else. */
function withoutRestoreTest({ action, digest }: Case): Objection | null {
  if (action.kind !== 'verify-backup-set' || action.level !== 'restore') return null
  const name = parseSetId(action.set)?.policy ?? ''
  const policy = digest.desired.policies.find((one) => sameSubject(one.name, name))
  if (policy && policy.verification.restoreTest !== null) return null
  return {
    message: `Policy ${name} names no instance on which backups may be restored for a test.`,
    override: `Commit verification.restoreTest { sqlStore, folder } in policy ${name}, or use level sql.`,
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
function unserved({ id, wish }: Request, { desired, observed }: Digest): Refusal[] {
  const refuse = (guardName: string, message: string, override: string): Refusal[] => [
    { guard: guardName, actions: [], requests: [id], message, override },
  ]
  if ('backup' in wish && !desired.policies.some(({ name }) => sameSubject(name, wish.backup)))
    return refuse('policy-unknown', `There is no policy ${wish.backup}.`, `Commit a BackupPolicy ${wish.backup}.`)
  if ('takeOver' in wish && !desired.locations.some(({ name }) => sameSubject(name, wish.takeOver)))
    return refuse(
      'location-unknown',
      `There is no location ${wish.takeOver}.`,
      `Commit a BackupLocation ${wish.takeOver}.`,
    )
  if ('verify' in wish && wish.verify === null && !observed.sets.some(isCommitted))
    return refuse('set-unknown', 'There is no set with a commit record yet.', 'See holdfast sets.')
  if ('verify' in wish && wish.verify !== null) {
    const set = observed.sets.find((one) => one.id === wish.verify)
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
