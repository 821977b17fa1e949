import { formatSize } from '../base/units.ts'
import type { Facts } from '../domain/facts.ts'
import type { BackupLocation } from '../domain/model.ts'
import type { Condition, ConditionType, Observation } from '../domain/words.ts'
import type { Digest } from './digest.ts'
import { isEmptied } from './emptied.ts'
import { policyConditions } from './policy-conditions.ts'
import type { Fresh } from './standing.ts'

/** What a condition says of its subject; the subject, the type and the revision are added by `conditions`. */
export type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>

/** Every promise for every subject, kept or not. Messages hold nothing that changes while the world does not. */
export function conditions(digest: Digest): Fresh<Condition>[] {
  const { deployment, locations, policies, revision } = digest.desired
  const source = sourceOf(digest)
  const row = (subject: string, type: ConditionType, verdict: Verdict): Fresh<Condition> => ({
    subject,
    type,
    ...verdict,
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
      policyConditions(policy, digest).map(({ type, verdict }) => row(policy.name, type, verdict)),
    ),
  ]
}

/** The source reports under the deployment's name, or as `git` before one was known. */
function sourceOf({ desired, observed }: Digest): Observation<Facts['source']> | undefined {
  const { source } = observed.facts
  return source.get(desired.deployment.name) ?? source.get('git') ?? [...source.values()][0]
}

function sourceFresh(source: Observation<Facts['source']> | undefined): Verdict {
  if (!source) return { status: 'unknown', reason: 'NotRead', message: 'The repository was not read yet.' }
  if (!source.known) return { status: 'false', reason: 'Unreachable', message: source.error }
  const { unreachable } = source.value
  if (unreachable !== null)
    return { status: 'false', reason: 'Unreachable', message: `${unreachable.message} [${unreachable.code}]` }
  return { status: 'true', reason: 'Fetched', message: 'The repository answers.' }
}

const faultsShown = 10

function sourceValid(source: Observation<Facts['source']> | undefined): Verdict {
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

function locationReady(location: BackupLocation, { desired, observed }: Digest): Verdict {
  const fact = observed.facts.location.get(location.name)
  if (!fact) return { status: 'unknown', reason: 'NotSeen', message: `Nobody has looked at ${location.share} yet.` }
  if (!fact.known) return { status: 'false', reason: 'Unreachable', message: fact.error }
  const { identity, us, freeBytes } = fact.value
  if (identity && identity.deployment !== desired.deployment.name)
    return {
      status: 'false',
      reason: 'ForeignDeployment',
      message: `${location.share} belongs to the deployment ${identity.deployment}.`,
    }
  if (identity && identity.owner !== us)
    return {
      status: 'false',
      reason: 'ForeignOwner',
      message: `${location.share} is owned by another daemon (${identity.owner}).`,
    }
  if (isEmptied(location.name, fact.value, observed.sets))
    return {
      status: 'false',
      reason: 'NotTheSameShare',
      message: `${location.share} no longer says whose it is, and the sets that stood there are gone.`,
    }
  if (freeBytes < location.minimumFree)
    return {
      status: 'false',
      reason: 'NotEnoughSpace',
      message: `${location.share} has less than ${formatSize(location.minimumFree)} free.`,
    }
  return identity
    ? { status: 'true', reason: 'Ready', message: `${location.share} is there, and it is ours.` }
    : { status: 'true', reason: 'Unclaimed', message: `${location.share} is there; the first run makes it ours.` }
}
