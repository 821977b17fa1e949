import { sameSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'
import type { Digest } from './digest.ts'

/**
 * The backup pool of a pool as the deployment has it: by `Get-CsPoolBackupRelationship`, else by the published topology; null:
 * it has none. Undefined: neither told.
 */
export function seenPartner(
  pool: Subject,
  { desired, observed: { facts } }: Pick<Digest, 'desired' | 'observed'>,
): Subject | null | undefined {
  const related = facts.pairing.get(pool)
  if (related?.known) return related.value.partner
  const published = facts.publishedTopology.get(desired.deployment.name)
  if (!published?.known) return undefined
  return published.value.topology.pools.find(({ fqdn }) => sameSubject(fqdn, pool))?.pairedWith
}
