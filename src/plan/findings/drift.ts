import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { centralManagementDrift } from './central-management-elsewhere.ts'
import { certificateDrift } from './certificates.ts'
import { coverageDrift } from './coverage.ts'
import { environmentDrift } from './environment.ts'
import { keptElsewhereDrift } from './kept-elsewhere.ts'
import { locationDrift } from './location-rule.ts'
import { lostNames } from './lost-names.ts'
import { pairingDrift } from './pairing.ts'
import { patchLevelDrift } from './patch-levels.ts'
import { replicationDrift } from './replication.ts'
import { outdatedSets } from './outdated-sets.ts'
import { sqlDrift } from './recovery-models.ts'
import { topologyDrift } from './published-topology.ts'

/** One rule for each subject of drift. What was not seen is not judged. */
const rules: readonly ((digest: Digest) => Fresh<Finding>[])[] = [
  topologyDrift,
  coverageDrift,
  environmentDrift,
  sqlDrift,
  locationDrift,
  pairingDrift,
  certificateDrift,
  patchLevelDrift,
  centralManagementDrift,
  replicationDrift,
  keptElsewhereDrift,
  lostNames,
  outdatedSets,
]

/** Where the world is not as Git, the newest set or the product's own rules want it (design, section 6). */
export function drift(digest: Digest): Fresh<Finding>[] {
  return rules.flatMap((rule) => rule(digest))
}
