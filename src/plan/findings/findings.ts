import type { Suspension } from '../../domain/model.ts'
import type { Ignored } from '../../domain/plan.ts'
import type { Finding } from '../../domain/statement.ts'
import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import { isInForce, lastingLongest } from '../suspensions.ts'
import type { Fresh } from '../standing.ts'
import { centralManagementElsewhere } from './central-management-elsewhere.ts'
import { centralManagementTwice } from './central-management-twice.ts'
import { centralManagementUnavailable } from './central-management-unavailable.ts'
import { expiringCertificates } from './certificates.ts'
import { wrongClocks } from './clocks.ts'
import { uncovered } from './coverage.ts'
import { damagedSets } from './damaged-sets.ts'
import { databasesNotOnline } from './databases.ts'
import { changedEnvironment } from './environment.ts'
import { incompleteFabric } from './fabric.ts'
import { failedOverPools } from './failed-over-pools.ts'
import { failedSteps } from './failed-steps.ts'
import { flawedItems } from './flawed-items.ts'
import { journalDisputed } from './journal-disputed.ts'
import { staleKeptElsewhere } from './kept-elsewhere.ts'
import { locationFaults } from './location-faults.ts'
import { locationInside } from './location-rule.ts'
import { lostNames } from './lost-names.ts'
import { mirrorsOutOfStep } from './mirrors.ts'
import { objectiveOutOfReach } from './objective-out-of-reach.ts'
import { oddEntries } from './odd-entries.ts'
import { oldTls } from './old-tls.ts'
import { outdatedSets } from './outdated-sets.ts'
import { brokenPairing } from './pairing.ts'
import { complainedTrials } from './trial-imports.ts'
import { unequalPatchLevels } from './patch-levels.ts'
import { publishedOtherwise } from './published-topology.ts'
import { belowQuorum } from './quorum.ts'
import { unreachable } from './reach.ts'
import { unfitRecoveries } from './recoveries.ts'
import { recoveryModels } from './recovery-models.ts'
import { lateReplicas } from './replication.ts'
import { replacedStore } from './replaced-store.ts'
import type { FindingRule } from './rule.ts'
import { rewrittenHistory } from './rewritten-history.ts'
import { stoppedServices } from './services.ts'
import { unfitSuspensions } from './suspensions.ts'
import { silentInstances } from './silent-instances.ts'
import { unvouchedSets } from './unvouched-sets.ts'
import { usersNotRestored } from './users-not-restored.ts'
import { vanishedSets } from './vanished-sets.ts'

/** Every rule there is; each speaks for itself, and their order means nothing. */
export const rules: readonly FindingRule[] = [
  // What Holdfast itself lost.
  replacedStore,
  // What Git promises itself.
  objectiveOutOfReach,
  staleKeptElsewhere,
  rewrittenHistory,
  unfitRecoveries,
  failedSteps,
  usersNotRestored,
  unfitSuspensions,
  // What the sets hold, and where.
  locationFaults,
  oddEntries,
  damagedSets,
  vanishedSets,
  unvouchedSets,
  journalDisputed,
  flawedItems,
  complainedTrials,
  outdatedSets,
  // Servers and databases as they are.
  wrongClocks,
  unreachable,
  stoppedServices,
  silentInstances,
  databasesNotOnline,
  mirrorsOutOfStep,
  belowQuorum,
  incompleteFabric,
  centralManagementUnavailable,
  centralManagementTwice,
  lateReplicas,
  brokenPairing,
  failedOverPools,
  oldTls,
  recoveryModels,
  expiringCertificates,
  unequalPatchLevels,
  lostNames,
  // The world against Git and against the newest set.
  publishedOtherwise,
  uncovered,
  locationInside,
  centralManagementElsewhere,
  changedEnvironment,
]

const ruleOf: ReadonlyMap<string, FindingRule> = new Map(
  rules.flatMap((rule) => rule.codes.map((code) => [code, rule] as const)),
)

/** What is wrong in the world, a row only while it lasts, in a stable order; and what Git says to leave out. */
export function findings(digest: Digest): { told: Fresh<Finding>[]; ignored: Ignored[] } {
  const told: Fresh<Finding>[] = []
  const ignored: Ignored[] = []
  for (const finding of everything(digest)) {
    const by = ignoring(finding, digest)
    if (by === null) told.push(finding)
    else ignored.push({ finding, suspension: by.name, reason: by.reason, until: by.until })
  }
  return { told, ignored }
}

/** The rule that ignores a finding now; of several the one that lasts longest. An ended one lets it come back. */
function ignoring(finding: Fresh<Finding>, digest: Digest): Suspension | null {
  const { code, subject } = finding
  if (ruleOf.get(code)?.isFirm?.(finding, digest) === true) return null
  const rules = digest.desired.suspensions.filter(
    (rule) =>
      isInForce(rule, 'findings', digest) &&
      rule.findings.some((one) => one === '*' || one === code) &&
      rule.subjects.some((one) => sameSubject(one, subject)),
  )
  return lastingLongest(rules)
}

/** A finding closes when its cause is seen gone, not when nobody can look (invariant 14). */
function everything(digest: Digest): Fresh<Finding>[] {
  const found = rules.flatMap((rule) => rule.find(digest))
  const told = new Set(found.map(key))
  const kept = digest.memory.standing.findings.filter(
    (open) => !told.has(key(open)) && ruleOf.get(open.code)?.isDark?.(open, digest) === true,
  )
  return [...found, ...kept].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function key({ code, subject }: Fresh<Finding>): string {
  return `${code} ${foldSubject(subject)}`
}
