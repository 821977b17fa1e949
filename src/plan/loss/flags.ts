import type { Time } from '../../base/time.ts'
import { foldSubject, sameSubject } from '../../domain/subject.ts'
import type { Flag, Classified } from '../../domain/statement.ts'
import { classes as classNames, type Class, type Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { hasLasted } from './grace.ts'
import type { Incident } from './incidents.ts'
import { hostCases, poolCases, thingCases, type Before, type Case, type Told } from './levels.ts'
import { isUnderRestore } from './under-restore.ts'

/**
 * `rebuild-required`, one for each cause: from the widest subject to the narrowest, so that a pool speaks for its
 * servers and a server for its databases and shares. A flag rises when a loss outlasts the grace period, stays while
 * its subject is not seen whole with all that it held, and hands what it knows to the wider one that takes its place.
 */
export function flagsOf(digest: Digest): Flag[] {
  const { incidents, memory } = digest
  const remembered = new Map<string, Before>(memory.standing.flags.map((flag) => [foldSubject(flag.subject), flag]))
  if (remembered.size + incidents.hosts.size + incidents.things.size === 0) return []
  let told: Told = { remembered, covered: new Set(), waiting: new Set() }
  const open = [poolCases, hostCases, thingCases].flatMap((casesOf) => {
    const ends = casesOf(digest, told).map((one) => endOf(one, digest, told))
    told = toldAfter(told, ends)
    return ends.flatMap(({ flag }) => flag ?? [])
  })
  return open
    .map((flag) => ({ key: foldSubject(flag.subject), flag }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ flag }) => flag)
}

type State = 'raised' | 'waiting' | 'kept' | 'cleared'

/** What a case comes to: the first row that fits. */
const states: readonly { state: State; when: (one: Case, digest: Digest) => boolean }[] = [
  { state: 'raised', when: ({ incident, before }) => incident !== undefined && before !== undefined },
  { state: 'raised', when: ({ incident, mayRise }, digest) => mayRise && outlasts(incident, digest) },
  { state: 'waiting', when: ({ incident }) => incident !== undefined },
  { state: 'kept', when: ({ isWhole }) => !isWhole },
  { state: 'kept', when: ({ before, subject }, digest) => before !== undefined && isUnderRestore(subject, digest) },
  { state: 'cleared', when: () => true },
]

function outlasts(incident: Incident | undefined, digest: Digest): boolean {
  return incident !== undefined && hasLasted(incident.since, digest)
}

interface End extends Case {
  state: State
  flag: Flag | null
}

function endOf(one: Case, digest: Digest, told: Told): End {
  const state = states.find(({ when }) => when(one, digest))?.state ?? 'cleared'
  const { incident, before } = one
  if (state === 'raised' && incident) return { ...one, state, flag: raised(one, incident, told, digest.now) }
  if (state === 'kept' && before) return { ...one, state, flag: kept(one, before) }
  return { ...one, state, flag: null }
}

/** A flag speaks for its parts; members of what may be lost wait for it; members of what is whole inherit its flag. */
function toldAfter({ remembered, covered, waiting }: Told, ends: readonly End[]): Told {
  const waits = ends.filter(({ state }) => state === 'waiting')
  const heirs = ends.flatMap(({ state, before, members }) =>
    state === 'cleared' && before ? members.map((key) => ({ key, before })) : [],
  )
  return {
    covered: new Set([...covered, ...ends.flatMap(({ flag, parts }) => (flag ? parts : []))]),
    waiting: new Set([...waiting, ...waits.flatMap(({ members }) => members)]),
    remembered: heirs.reduce(
      (known, { key, before }) => known.set(key, earlier({ ...before, scenario: 'member-server' }, known.get(key))),
      new Map(remembered),
    ),
  }
}

/**
 * Knows what the flags of its parts knew. A loss that is younger than now can be keeps its time: the clock went back, and what
 * is seen by it would make everything of the last hours younger than the loss.
 */
function raised(one: Case, incident: Incident, { remembered }: Told, now: Time): Flag {
  const { before, parts, members } = one
  const { subject, scenario, reason, lost } = incident
  const things = parts.filter((key) => !members.includes(key)).flatMap((key) => asPart(key, remembered.get(key)))
  const own = [before, ...members.map((key) => remembered.get(key))].flatMap((one) => one ?? [])
  const former = [...own, ...things]
  const since = earliest(
    former.map((one) => one.since),
    incident.since,
    now,
  )
  const lostAgainAt = before ? before.lostAgainAt : incident.since > since ? incident.since : undefined
  return {
    ...{ subject, scenario, reason, since },
    ...(lostAgainAt !== undefined && { lostAgainAt }),
    evidence: lost.flatMap((verdict) => verdict.because()),
    seen: union(
      former.flatMap(({ seen }) => seen),
      lost,
    ),
    ...seenOfParts([...own, ...things], one),
  }
}

/** The flag of a database or a share, which a wider one takes over. */
function asPart(subject: Subject, flag: Before | undefined): Before[] {
  return flag ? [{ ...flag, seen: [], seenOf: [...(flag.seenOf ?? []), { subject, seen: flag.seen }] }] : []
}

const isOwn = ({ subject, members }: Case, verdict: Classified): boolean =>
  [subject, ...members].some((one) => sameSubject(one, verdict.subject))

/** What is seen of a database or a share says nothing of the machine that holds it, nor of what is beside it there. */
function seenOfParts(former: readonly Before[], one: Case): Pick<Flag, 'seenOf'> {
  const known = new Map<string, readonly Class[]>()
  const add = (subject: Subject, seen: readonly Class[]): void => {
    const key = foldSubject(subject)
    known.set(key, union([...(known.get(key) ?? []), ...seen], []))
  }
  for (const { seenOf = [] } of former) for (const { subject, seen } of seenOf) add(subject, seen)
  for (const verdict of one.verdicts) if (!isOwn(one, verdict)) add(verdict.subject, [verdict.class])
  return known.size === 0 ? {} : { seenOf: [...known].map(([subject, seen]) => ({ subject, seen })) }
}

function earliest(former: readonly Time[], seen: Time, now: Time): Time {
  const isBack = former.some((since) => since > now)
  return [...former, ...(isBack ? [] : [seen])].reduce((first, since) => (since < first ? since : first))
}

function kept(one: Case, before: Before): Flag {
  const { subject, verdicts, isWhole } = one
  const { scenario, since, lostAgainAt, seen } = before
  const [first] = verdicts
  const told = verdicts.length === 1 && first ? first.reason : classesTold(verdicts)
  return {
    ...{ subject, scenario, since },
    ...(lostAgainAt !== undefined && { lostAgainAt }),
    reason: isWhole
      ? 'It was lost, and looks whole, but Holdfast has not brought its restore to an end.'
      : `It was lost, and has not been seen whole since: ${told}`,
    evidence: verdicts.flatMap((verdict) => verdict.because()),
    seen: union(
      seen,
      verdicts.filter((verdict) => isOwn(one, verdict)),
    ),
    ...seenOfParts([before], one),
  }
}

function earlier(a: Before, b: Before | undefined): Before {
  if (!b) return a
  return { ...b, since: a.since < b.since ? a.since : b.since, seen: union([...a.seen, ...b.seen], []) }
}

function union(seen: readonly Class[], verdicts: readonly Classified[]): Class[] {
  const all = new Set([...seen, ...verdicts.map((verdict) => verdict.class)])
  return classNames.filter((name) => all.has(name))
}

function classesTold(verdicts: readonly Classified[]): string {
  return `${verdicts.map((verdict) => `${verdict.subject} is ${verdict.class}`).join(', ')}.`
}
