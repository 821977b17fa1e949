import { addSeconds } from '../../base/time.ts'
import { formatDuration } from '../../base/units.ts'
import type { BackupPolicy, Suspension } from '../../domain/model.ts'
import { compareAge, isCommitted } from '../../domain/recovery-point.ts'
import { longestGap } from '../../domain/schedule.ts'
import { foldSubject, itemKey, sameSubject } from '../../domain/subject.ts'
import type { FlawedItem, SetSummary } from '../../domain/backup-set.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import type { Ignored } from '../../domain/plan.ts'
import { drift } from './drift.ts'
import { locationFaults } from './location-faults.ts'
import { serverFindings } from './servers.ts'
import { sqlFindings } from './old-tls.ts'
import { vanishedSets } from './vanished-sets.ts'
import type { Fresh } from '../standing.ts'

/** A day of 25 hours, when summer time ends, is no fault of a schedule. */
const daylightSavingSeconds = 3600

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

/** An ignore rule ends within a year: what nobody looks at again is forgotten. */
const longestRuleSeconds = 365 * 86_400

/** The rule that ignores a finding now; of several the one that lasts longest. An ended one lets it come back. */
function ignoring({ code, subject }: Fresh<Finding>, { desired, now }: Digest): Suspension | null {
  const latest = addSeconds(now, longestRuleSeconds)
  const rules = desired.suspensions.filter(
    ({ findings: codes, subjects, until }) =>
      until > now &&
      until <= latest &&
      codes.some((one) => one === '*' || one === code) &&
      subjects.some((one) => sameSubject(one, subject)),
  )
  return rules.reduce<Suspension | null>((last, one) => (last === null || one.until > last.until ? one : last), null)
}

function everything(digest: Digest): Fresh<Finding>[] {
  return [
    ...locationFaults(digest),
    ...digest.desired.policies.flatMap(objectiveOutOfReach),
    ...flawedItems(digest),
    ...sqlFindings(digest),
    ...serverFindings(digest),
    ...drift(digest),
    ...vanishedSets(digest),
    ...digest.observed.sets.filter(({ state }) => state === 'damaged').map(damagedSet),
  ].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function key({ code, subject }: Fresh<Finding>): string {
  return `${code} ${foldSubject(subject)}`
}

/** Told in advance: even when every run succeeds, copies become older than the objective allows. */
function objectiveOutOfReach(policy: BackupPolicy): Fresh<Finding>[] {
  const objective = policy.recoveryPointObjectiveSeconds
  const gap = longestGap(policy)
  if (objective === null || gap === null || gap - daylightSavingSeconds <= objective) return []
  return [
    {
      code: 'objective-out-of-reach',
      severity: 'warning',
      subject: policy.name,
      desired: `an ok copy at most ${formatDuration(objective)} old`,
      observed: `up to ${formatDuration(gap)} between two slots`,
      message: `The schedule leaves up to ${formatDuration(gap)} between two runs; the objective is ${formatDuration(objective)}.`,
    },
  ]
}

/** Items that the newest set which has them does not hold in a good state. */
function flawedItems(digest: Digest): Fresh<Finding>[] {
  const compare = compareAge(digest.now)
  const newest = new Map<string, Flaw>()
  for (const set of digest.observed.sets) {
    if (set.flawed === undefined || !isCommitted(set) || set.state === 'damaged') continue
    for (const item of set.flawed) {
      const id = itemKey(item)
      const known = newest.get(id)
      if (!known || compare(set, known.set) > 0) newest.set(id, { item, set })
    }
  }
  const current = [...newest].filter(([id, { set }]) => {
    const ok = digest.copies.get(id)
    return !ok || compare(ok, set) <= 0
  })
  return bySubject(current.map(([, flaw]) => flaw)).map(flawedSubject)
}

interface Flaw {
  item: FlawedItem
  set: SetSummary
}

/** A pool may have several bad items: one row tells all that are bad in the same way. */
function bySubject(flaws: readonly Flaw[]): [Flaw, ...Flaw[]][] {
  const groups = new Map<string, [Flaw, ...Flaw[]]>()
  for (const flaw of flaws) {
    const id = `${codeOf(flaw.item)} ${foldSubject(flaw.item.subject)}`
    const group = groups.get(id)
    if (group) group.push(flaw)
    else groups.set(id, [flaw])
  }
  return [...groups.values()]
}

function codeOf({ outcome }: FlawedItem): 'item-suspect' | 'item-failed' {
  return outcome === 'suspect' ? 'item-suspect' : 'item-failed'
}

function flawedSubject(flaws: [Flaw, ...Flaw[]]): Fresh<Finding> {
  const code = codeOf(flaws[0].item)
  const told = flaws.map(({ item, set }) => `${item.kind} in ${set.id}`).sort()
  return {
    code,
    severity: code === 'item-suspect' ? 'warning' : 'error',
    subject: flaws[0].item.subject,
    desired: 'ok in the newest set',
    observed: `${code === 'item-suspect' ? 'suspect' : 'not taken'}: ${told.join(', ')}`,
    message:
      code === 'item-suspect'
        ? `It was taken, but holds far less than before, and does not count as a copy: ${told.join(', ')}.`
        : `It could not be taken: ${told.join(', ')}.`,
  }
}

function damagedSet({ id }: SetSummary): Fresh<Finding> {
  return {
    code: 'set-damaged',
    severity: 'error',
    subject: id,
    desired: 'as it was written',
    observed: 'damaged',
    message: `A check found ${id} damaged; the damaged items no longer count as copies.`,
  }
}
