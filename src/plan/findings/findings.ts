import { addSeconds } from '../../base/time.ts'
import { formatDuration } from '../../base/units.ts'
import type { BackupPolicy, Suspension } from '../../domain/model.ts'
import { longestGap } from '../../domain/schedule.ts'
import { foldSubject, sameSubject } from '../../domain/subject.ts'
import { reasonOf, type FlawedItem, type SetSummary } from '../../domain/backup-set.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Digest } from '../digest.ts'
import { currentFlaws, type Flaw } from '../flaws.ts'
import { drift } from './drift.ts'
import { serverFindings } from './servers.ts'
import { sqlFindings } from './old-tls.ts'
import type { Fresh } from '../standing.ts'

/** A day of 25 hours, when summer time ends, is no fault of a schedule. */
const daylightSavingSeconds = 3600

/** What is wrong in the world, a row only while it lasts; in a stable order. Git may say what to leave out. */
export function findings(digest: Digest): Fresh<Finding>[] {
  return everything(digest).filter((finding) => ignoring(finding, digest) === null)
}

/** A finding that an ignore rule in Git leaves out, with that rule. */
export interface Ignored {
  finding: Fresh<Finding>
  by: Suspension
}

/** What `findings` leaves out, so that it is not forgotten. */
export function ignoredFindings(digest: Digest): Ignored[] {
  return everything(digest).flatMap((finding) => {
    const by = ignoring(finding, digest)
    return by === null ? [] : [{ finding, by }]
  })
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
    ...digest.desired.policies.flatMap(objectiveOutOfReach),
    ...flawedItems(digest),
    ...sqlFindings(digest),
    ...serverFindings(digest),
    ...drift(digest),
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
  return bySubject(currentFlaws(digest)).map(flawedSubject)
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
  const why = flaws
    .flatMap(({ item }) => (item.message === undefined ? [] : [`${item.kind}: ${reasonOf(item)}`]))
    .sort()
  return {
    code,
    severity: code === 'item-suspect' ? 'warning' : 'error',
    subject: flaws[0].item.subject,
    desired: 'ok in the newest set',
    observed: `${code === 'item-suspect' ? 'suspect' : 'failed'}: ${told.join(', ')}`,
    message: [
      code === 'item-suspect' ? 'It was taken, but does not count as a copy.' : 'It could not be taken.',
      ...why,
    ].join(' '),
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
