/**
 * The restore procedures as one table (domain reference, sections 6.2 to 6.14). The vendor's chapters share one order;
 * they differ in what was lost. So each rule says what it is needed for, and a host that held several things gets the
 * rows of all. It is the one place that knows the procedures.
 */
import type { Loss } from '../loss/found.ts'
import { inOrderOfRestore } from '../loss/several.ts'
import type { Desired } from '../model.ts'
import { failingOverChatRules } from './chat-rules.ts'
import { checkingRules } from './checking-rules.ts'
import { contextOf, type World } from './context.ts'
import { creatingCentralManagementRules } from './creating-central-management-rules.ts'
import { clusterRules, creatingDatabaseRules, joiningRules, restoringDatabaseRules } from './database-rules.ts'
import { fabricRules } from './fabric-rules.ts'
import { enablingRules, fileStoreRules } from './file-store-rules.ts'
import { installingRules, rebuildingRules, startingRules } from './machine-rules.ts'
import { creatingMirrorRules, leavingMirrorRules } from './mirror-rules.ts'
import { inOrder } from './order.ts'
import { endingFailoverRules, failingBackRules, failingOverRules } from './pair-rules.ts'
import { preparingRules } from './preparing-rules.ts'
import { poolDataRules } from './pool-data-rules.ts'
import type { Row, RowRule } from './row.ts'
import { namingStoreInGit, savingCentralManagementRules } from './saving-central-management-rules.ts'

/** In the order in which a person reads it: a rule needs none that comes later. */
const rules: readonly RowRule[] = [
  ...preparingRules,
  ...savingCentralManagementRules,
  ...failingOverRules,
  ...failingOverChatRules,
  ...fabricRules,
  ...leavingMirrorRules,
  ...rebuildingRules,
  ...clusterRules,
  ...fileStoreRules,
  ...creatingCentralManagementRules,
  ...enablingRules,
  ...creatingDatabaseRules,
  ...installingRules,
  ...restoringDatabaseRules,
  ...joiningRules,
  ...creatingMirrorRules,
  ...startingRules,
  ...failingBackRules,
  ...endingFailoverRules,
  ...poolDataRules,
  namingStoreInGit,
  ...checkingRules,
]

/** Every row that a procedure can have, with the ways of those that are forks: a person's word names them. */
export const knownSteps: ReadonlyMap<string, readonly string[]> = new Map(
  rules.map(({ id, branches = [] }) => [id, branches.map(({ name }) => name)]),
)

/** The rows that undo a loss, in order; none where no procedure of the product leads back. */
export function procedureOf(loss: Loss, desired: Desired, world: World): Row[] {
  return procedureOfAll([loss], desired, world)
}

/**
 * One order over several losses (`lossesOf`), as the domain reference, section 6.1, gives it: the Central Management store,
 * file stores, other Back Ends and Standard Edition servers, Front Ends, other members, and at last what users do not wait
 * for. Each row is there once, whichever losses ask for it; what is done once for all of them (check the surroundings, enable
 * the topology) has the deployment as its subject. What needs another row waits for the rows on the same machines or of the
 * same store, not for those of other losses. A loss of which no procedure of the product leads back adds no row: its `why`
 * says so. Of a single loss it is `procedureOf`.
 */
export function procedureOfAll(losses: readonly Loss[], desired: Desired, world: World): Row[] {
  const led = inOrderOfRestore(losses.filter(({ scenario }) => scenario !== null))
  return led.length === 0 ? [] : inOrder(rules, contextOf(led, desired, world))
}
