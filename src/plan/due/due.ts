import { newest } from '../../domain/recovery-point.ts'
import type { Action } from '../../domain/action.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Facts } from '../../domain/facts.ts'
import type { Digest } from '../digest.ts'
import { completeSets } from '../selections.ts'
import { dueBackup } from './backup.ts'
import { askedFor, equalRequests } from './equal-requests.ts'
import { actionId } from './hash.ts'
import { dueDatabaseProof } from './database-proof.ts'
import { dueVerifications } from './verify.ts'
import { againAt } from './tries.ts'

/** Everything that should be done now, before the guards had their say; order does not depend on that of the inputs. */
export function due(digest: Digest): Action[] {
  const { policies } = digest.desired
  const wanted = [
    ...takeOvers(digest),
    ...policies.map((policy) => dueBackup(policy, digest)),
    ...policies.map((policy) => duePointer(policy, digest)),
    ...dueVerifications(digest),
    ...policies.map((policy) => dueDatabaseProof(policy, digest)),
  ].filter((one) => one !== null)
  return wanted
    .filter(({ kind, subject }) => !digest.inFlight(kind, subject))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

function sortKey({ kind, subject, id }: Action): string {
  return `${kind} ${subject} ${id}`
}

/** `$Backup` refers to the newest whole, complete set of a policy. Unknown pointers are left alone. */
function duePointer(policy: BackupPolicy, digest: Digest): Action | null {
  const fact = factOf(policy, digest)
  if (!fact?.known || fact.value.identity === null) return null
  const target = newest(completeSets(digest.setsOf(policy.name)), digest.now)
  const current = fact.value.pointers[policy.name] ?? null
  if (target === null || target.id === current) return null
  const attempts = digest.attempts('point-backup', policy.name).filter((attempt) => attempt.set === target.id)
  const retry = againAt(attempts, digest.now)
  if (retry !== null && retry > digest.now) return null
  return {
    location: policy.location.name,
    kind: 'point-backup',
    id: actionId('point-backup', policy.name, [target.id, current, attempts.length]),
    subject: policy.name,
    policy: policy.name,
    set: target.id,
    cause: 'corrective',
    reason:
      current === null
        ? `Nothing is named as the newest complete set; it is ${target.id}.`
        : `${current} is named as the newest complete set; it is ${target.id}.`,
    request: null,
  }
}

function factOf(policy: BackupPolicy, digest: Digest): Observation<Facts['location']> | undefined {
  return digest.observed.facts.location.get(policy.location.name)
}

/** One at a time for each location. */
function takeOvers(digest: Digest): Action[] {
  const locations = new Set<string>()
  return asked(digest).filter(({ location }) => !locations.has(location) && locations.add(location))
}

function asked(digest: Digest): Action[] {
  return equalRequests(digest.memory.requests).flatMap((shared) => {
    const { request } = shared
    if (!('takeOver' in request.wish)) return []
    const { takeOver } = request.wish
    const location = digest.desired.locations.find(({ name }) => sameSubject(name, takeOver))?.name
    if (location === undefined) return []
    const id = actionId('take-over-location', location, ['request', request.id])
    if (digest.isKnown(id)) return []
    const action: Action = {
      kind: 'take-over-location',
      id,
      subject: location,
      location,
      ...askedFor(shared),
    }
    return [action]
  })
}
