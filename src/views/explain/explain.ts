import { z } from 'zod'
import { formatDuration } from '../../base/units.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { Facts } from '../../domain/facts.ts'
import { meant } from '../../domain/meant.ts'
import { tellNames } from '../../domain/not-taken.ts'
import { objectives } from '../../domain/objectives.ts'
import { foldSubject, itemKey, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Condition, Evidence } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../../plan/digest.ts'
import { digestOf } from '../../plan/digest-of.ts'
import { nextRunAt } from '../../plan/due/backup.ts'
import { currentFlaws } from '../../plan/flaws.ts'
import { evidence, subject as subjectShape } from '../shapes.ts'
import { isHeldBy } from '../flag-of.ts'
import type { Snapshot } from '../../domain/plan.ts'
import { attemptSeen, committed, flawSeen, seenOf, setSeen } from './grounds.ts'
import { subjectsOf } from './subjects.ts'
import { tellFlaw } from './tell.ts'

export const explainShape = z.object({
  subject: subjectShape,
  verdicts: z.array(z.object({ verdict: z.string(), because: z.array(evidence) })),
})
export type ExplainView = z.infer<typeof explainShape>
interface Explained {
  verdict: string
  because: readonly Evidence[]
}

type Question = Snapshot & { subject: Subject; digest: Digest }
type Answer = (question: Question) => Explained[]

/** What Holdfast says of a subject, from what it is to what follows from it. */
const answers: readonly Answer[] = [classOf, flagsOf, conditionsOf, findingsOf, ignoredOf, runsOf, copiesOf, setOf]

/** `holdfast explain SUBJECT`; all names in place of an answer when none, or more than one, was meant. */
export function explainView(snapshot: Snapshot, asked: Subject): ExplainView | { candidates: Subject[] } {
  const { desired, observed, memory, now } = snapshot
  const digest = digestOf(desired, observed, memory, now)
  const known = [...subjectsOf(desired, observed, digest.classes), ...memory.vanished.map(({ id }) => id)]
  const [subject, ...others] = meant(asked, known)
  if (subject === undefined || others.length > 0) return { candidates: known }
  const question = { ...snapshot, subject, digest }
  const verdicts = answers.flatMap((answer) => answer(question))
  const told = new Set(verdicts.flatMap(({ because }) => because.map(({ fact }) => fact)))
  const rest = seenOf(subject, observed, now).filter(({ fact }) => !told.has(fact))
  if (rest.length > 0) verdicts.push({ verdict: 'What else was seen of it', because: rest })
  return { subject, verdicts: verdicts.map(({ verdict, because }) => ({ verdict, because: [...because] })) }
}

function classOf({ subject, digest }: Question): Explained[] {
  const key = foldSubject(subject)
  const { hosts, databases, fileStores } = digest.classes
  const own = [hosts.get(key), databases.get(key), fileStores.get(key)].filter((one) => one !== undefined)
  const members = digest.desired.pools.find(({ fqdn }) => sameSubject(fqdn, subject))?.servers ?? []
  const others = members.filter((server) => !sameSubject(server, subject))
  const below = [...databases.values()].filter((one) => isDatabaseOf(one.subject, subject))
  return [...own, ...others.flatMap((server) => hosts.get(foldSubject(server)) ?? []), ...below].map((one) => ({
    verdict: `${one.subject} is ${one.class} since ${one.since}: ${one.reason}`,
    because: one.because(),
  }))
}

/** Of an instance, or of a host, whose databases are told with it. */
function isDatabaseOf(database: Subject, subject: Subject): boolean {
  const parts = parseDatabase(database)
  return parts !== null && (sameSubject(sqlSubject(parts), subject) || sameSubject(parts.host, subject))
}

function flagsOf({ subject, plan, desired }: Question): Explained[] {
  const pools = desired.pools.filter(({ servers }) => servers.some((server) => sameSubject(server, subject)))
  const concerned = [subject, ...pools.map(({ fqdn }) => fqdn)]
  return plan.flags
    .filter((flag) => concerned.some((one) => sameSubject(one, flag.subject)) || isHeldBy(flag, subject))
    .map((flag) => ({
      verdict: `${flag.subject} must be rebuilt (${flag.scenario}) since ${flag.since}: ${flag.reason}`,
      because: flag.evidence,
    }))
}

function conditionsOf({ subject, plan, digest }: Question): Explained[] {
  return plan.conditions
    .filter((condition) => sameSubject(condition.subject, subject))
    .map((condition) => ({
      verdict: `${condition.type} is ${condition.status} (${condition.reason}) since ${condition.since}: ${condition.message}`,
      because: groundsOf(condition, digest),
    }))
}

const factOf: Partial<Record<Condition['type'], keyof Facts>> = {
  SourceFresh: 'source',
  SourceValid: 'source',
  LocationReady: 'location',
}

function groundsOf({ type, subject }: Condition, digest: Digest): Evidence[] {
  const fact = factOf[type]
  if (fact === 'source') {
    const [source] = digest.observed.facts.source.keys()
    return source === undefined ? [] : seenOf(source, digest.observed, digest.now, ['source'])
  }
  if (fact !== undefined) return seenOf(subject, digest.observed, digest.now, [fact])
  const last = digest.setsOf(subject).toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0]
  return last ? [setSeen(last, digest)] : []
}

function findingsOf({ subject, plan, observed, now }: Question): Explained[] {
  return plan.findings
    .filter((finding) => sameSubject(finding.subject, subject))
    .map(({ code, severity, since, message, desired, observed: is }) => ({
      verdict: `${severity} ${code} since ${since}: ${message} Desired: ${desired}. Observed: ${is}.`,
      because: seenOf(subject, observed, now),
    }))
}

function ignoredOf({ subject, plan, digest }: Question): Explained[] {
  return plan.ignored
    .filter(({ finding }) => sameSubject(finding.subject, subject))
    .map(({ finding, suspension, reason, until }) => ({
      verdict: `${finding.code} is ignored until ${until}: ${reason}`,
      because: [committed(`Suspension ${suspension}`, `ignores ${finding.code}`, digest)],
    }))
}

function runsOf({ subject, digest }: Question): Explained[] {
  return digest.desired.policies
    .filter(({ name }) => sameSubject(name, subject))
    .map((policy) => {
      const at = nextRunAt(policy, digest)
      const { cron, timeZone } = policy.schedule
      const running = digest.inFlight('create-backup-set', policy.name)
      const last = digest.attempts('create-backup-set', policy.name).at(-1)
      return {
        verdict: running ? 'A run is going on' : at === null ? 'It never runs' : `The next run starts at ${at}`,
        because: [
          committed('schedule', `${cron} in ${timeZone}`, digest),
          ...(last ? [attemptSeen(last, digest)] : []),
        ],
      }
    })
}

/** Every item of this subject, and of this policy: the copy that it would be restored from, and why a newer run has none. */
function copiesOf({ subject, digest }: Question): Explained[] {
  const { desired, usable, incomplete } = digest
  const policy = desired.policies.find(({ name }) => sameSubject(name, subject))
  const flaws = new Map(currentFlaws(digest).map((flaw) => [itemKey(flaw.item), flaw]))
  const own = new Set((policy ? digest.required(policy) : []).map(itemKey))
  return objectives(desired)
    .filter(({ item }) => own.has(itemKey(item)) || sameSubject(item.subject, subject))
    .map(({ item, seconds, policy: by }) => {
      const copy = usable.get(itemKey(item))
      const gap = incomplete.get(itemKey(item))
      const flaw = flaws.get(itemKey(item))
      const wanted = seconds === null ? '' : `, wanted at most every ${formatDuration(seconds)}`
      return {
        verdict: copy
          ? `${comesBack(`${item.kind} of ${item.subject}`, copy, digest)}${gap ? `, without ${tellNames(gap.missing)}` : ''}`
          : `${item.kind} of ${item.subject} has no ok copy`,
        because: [
          committed(`item of policy ${by}`, `required${wanted}`, digest),
          ...(copy ? [setSeen(copy, digest)] : []),
          ...(flaw ? [flawSeen(flaw, digest)] : []),
        ],
      }
    })
}

function comesBack(item: string, { startedAt, location }: SetSummary, { hidden }: Digest): string {
  return hidden(location) === null
    ? `${item} would come back as of ${startedAt}`
    : `${item} was copied at ${startedAt}, to ${location}, which cannot be seen now`
}

function setOf({ subject, digest }: Question): Explained[] {
  const set = digest.observed.sets.find(({ id }) => sameSubject(id, subject))
  if (!set) return []
  const newest = set.ok.filter((item) => digest.copies.get(itemKey(item))?.id === set.id)
  const flawed = (set.flawed ?? []).map((item) => `${item.kind} of ${item.subject} (${tellFlaw(item)})`)
  return [
    {
      verdict: `It is ${set.state}${flawed.length === 0 ? '' : `; not ok: ${flawed.join('; ')}`}`,
      because: [setSeen(set, digest)],
    },
    {
      verdict:
        newest.length === 0
          ? 'Nothing would be restored from it: every item has a newer ok copy'
          : `It holds the newest ok copy of ${newest.map(({ kind, subject: of }) => `${kind} of ${of}`).join(', ')}`,
      because: [setSeen(set, digest)],
    },
  ]
}
