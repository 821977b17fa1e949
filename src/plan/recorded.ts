import type { EnvironmentRecord } from '../domain/environment-record.ts'
import { wantedBy } from '../domain/environment-wanted.ts'
import type { Facts } from '../domain/facts.ts'
import type { Observation } from '../domain/observation.ts'
import { itemKey } from '../domain/subject.ts'
import type { Digest } from './digest.ts'

type Kind = 'environment' | 'configuration'

/** What was read of the set with the newest ok copy of such an item of the deployment; undefined: nothing yet. */
export function recordOf(
  kind: Kind,
  { desired, observed, copies }: Digest,
): Observation<Facts['environmentRecord']> | undefined {
  const copy = copies.get(itemKey({ kind, subject: desired.deployment.name }))
  return copy && observed.facts.environmentRecord.get(copy.id)
}

/** The environment as that set wants it; null: unknown. */
export function recordedBy(kind: Kind, digest: Digest): EnvironmentRecord | null {
  const seen = recordOf(kind, digest)
  return seen?.known ? wantedBy(seen.value) : null
}
