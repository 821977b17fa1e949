import type { Action } from '../../domain/action.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import { dueBackup } from './backup.ts'
import { askedFor, equalRequests } from './equal-requests.ts'
import { actionId } from './hash.ts'
import { dueDatabaseProof } from './database-proof.ts'
import { duePointer } from './pointer.ts'
import { dueRecoverySteps } from './recovery.ts'
import { dueUserRestores } from './user-restores.ts'
import { dueVerifications } from './verify.ts'

/** Everything that should be done now, before the guards had their say; order does not depend on that of the inputs. */
export function due(digest: Digest): Action[] {
  const { policies } = digest.desired
  const wanted = [
    ...takeOvers(digest),
    ...policies.map((policy) => dueBackup(policy, digest)),
    ...policies.map((policy) => duePointer(policy, digest)),
    ...dueVerifications(digest),
    ...policies.map((policy) => dueDatabaseProof(policy, digest)),
    ...dueRecoverySteps(digest),
    ...dueUserRestores(digest),
  ].filter((one) => one !== null)
  return wanted
    .filter(({ kind, subject }) => !digest.inFlight(kind, subject))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

function sortKey({ kind, subject, id }: Action): string {
  return `${kind} ${subject} ${id}`
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
