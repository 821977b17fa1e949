/** Every rule that needs more than one field; each has a name and is tested by it. */
import { pairedPoolsFit } from './rules/pairing.ts'
import { everythingKeptElsewhereIsNamed, centralManagementStoreIsNamed } from './rules/advice.ts'
import { backupHostStandsAlone, shareStandsOnItsHost, retentionKeepsSomething } from './rules/backup.ts'
import { namesAreUnique, oneDeployment, storesAreListedOnce } from './rules/identity.ts'
import { poolsHaveTheirServers, poolsHaveTheirStores, serversBelongToOnePool } from './rules/pools.ts'
import { productSupportsPool, productSupportsStores, backEndServesOnePool } from './rules/products.ts'
import { oneRecoveryPerServer, recoveriesAreOfOne, recoveriesNameSteps } from './rules/recoveries.ts'
import { referencesLead } from './rules/references.ts'
import { restoreTestsAreScratch } from './rules/scratch.ts'
import { scheduleFires } from './rules/schedule.ts'
import type { Rule } from './rules/rule.ts'

export const rules: readonly Rule[] = [
  oneDeployment,
  namesAreUnique,
  storesAreListedOnce,
  referencesLead,
  serversBelongToOnePool,
  poolsHaveTheirServers,
  poolsHaveTheirStores,
  pairedPoolsFit,
  productSupportsPool,
  productSupportsStores,
  backEndServesOnePool,
  recoveriesAreOfOne,
  oneRecoveryPerServer,
  recoveriesNameSteps,
  backupHostStandsAlone,
  shareStandsOnItsHost,
  scheduleFires,
  restoreTestsAreScratch,
  retentionKeepsSomething,
  everythingKeptElsewhereIsNamed,
  centralManagementStoreIsNamed,
]
