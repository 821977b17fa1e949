import type { Facts } from '../../domain/facts.ts'
import type { BackupLocation } from '../../domain/model.ts'
import { whyUnseen, type Observation } from '../../domain/observation.ts'
import type { Condition } from '../../domain/statement.ts'
import type { ConditionType } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { sourceOf } from '../git-sight.ts'
import { policyConditions } from './policy.ts'
import type { ConditionState } from './state.ts'
import type { Fresh } from '../standing.ts'

/** Every promise for every subject, kept or not. Messages hold nothing that changes while the world does not. */
export function conditions(digest: Digest): Fresh<Condition>[] {
  const { deployment, locations, policies, revision } = digest.desired
  const source = sourceOf(digest)
  const row = (subject: string, type: ConditionType, state: ConditionState): Fresh<Condition> => ({
    subject,
    type,
    ...state,
    revision,
  })
  return [
    row(deployment.name, 'SourceFresh', sourceFresh(source)),
    row(deployment.name, 'SourceValid', sourceValid(source)),
    row(deployment.name, 'SourceVerified', {
      status: 'unknown',
      reason: 'NotChecked',
      message: 'Signatures of commits are not checked in this version.',
    }),
    ...locations.map((location) => row(location.name, 'LocationReady', locationReady(location, digest))),
    ...policies.flatMap((policy) =>
      policyConditions(policy, digest).map(({ type, state }) => row(policy.name, type, state)),
    ),
  ]
}

function sourceFresh(source: Observation<Facts['source']> | undefined): ConditionState {
  if (!source) return { status: 'unknown', reason: 'NotRead', message: 'The repository was not read yet.' }
  if (!source.known) return { status: 'false', reason: 'Unreachable', message: whyUnseen(source) }
  const { unreachable } = source.value
  if (unreachable !== null)
    return { status: 'false', reason: 'Unreachable', message: `${unreachable.message} [${unreachable.code}]` }
  return { status: 'true', reason: 'Fetched', message: 'The repository answers.' }
}

const faultsShown = 10

function sourceValid(source: Observation<Facts['source']> | undefined): ConditionState {
  if (!source?.known || source.value.head === null)
    return { status: 'unknown', reason: 'NotRead', message: 'No revision was read yet.' }
  const { head, invalid } = source.value
  if (invalid.length === 0)
    return { status: 'true', reason: 'Valid', message: `Revision ${head.slice(0, 12)} is valid.` }
  const more = invalid.length > faultsShown ? ` (and ${invalid.length - faultsShown} more)` : ''
  const faults = invalid.slice(0, faultsShown).map(({ message }) => message)
  return {
    status: 'false',
    reason: 'Invalid',
    message: `Revision ${head.slice(0, 12)} is not valid: ${faults.join('; ')}${more}`,
  }
}

function locationReady(location: BackupLocation, digest: Digest): ConditionState {
  const [fault] = digest.faultsOf(location)
  if (fault) return { status: fault.waits ? 'unknown' : 'false', reason: fault.reason, message: fault.message }
  const seen = digest.observed.facts.location.get(location.name)
  return seen?.known && seen.value.identity
    ? { status: 'true', reason: 'Ready', message: `${location.share} is there, and it is ours.` }
    : { status: 'true', reason: 'Unclaimed', message: `${location.share} is there; the first run makes it ours.` }
}
