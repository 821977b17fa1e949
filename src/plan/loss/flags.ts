import type { Time } from '../../base/time.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Flag, Classified } from '../../domain/statement.ts'
import { classes as classNames, type Class } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { hasLasted } from './grace.ts'
import type { Incident } from './incidents.ts'

/** What a flag was before: under the same subject, or under one that was wider or narrower. */
type Before = Pick<Flag, 'since' | 'seen' | 'scenario'>

/**
 * `rebuild-required`, one for each cause: from the widest subject to the narrowest, so that a pool speaks for its
 * servers and a server for its databases and shares. A flag rises when a loss outlasts the grace period, stays while
 * its subject is not seen whole with all that it held, and hands what it knows to the wider one that takes its place.
 */
export function flags(digest: Digest): Flag[] {
  const { desired, classes, incidents, memory, now } = digest
  const { expected } = classes.scene
  const remembered = new Map<string, Before>(memory.standing.flags.map((flag) => [foldSubject(flag.subject), flag]))
  if (remembered.size + incidents.hosts.size + incidents.things.size === 0) return []
  const open = new Map<string, Flag>()
  /** Told by a wider flag already. */
  const covered = new Set<string>()
  /** Members of a pool that is lost, but not yet long enough: their flag will be the pool's. */
  const waiting = new Set<string>()

  function raise(incident: Incident, parts: readonly string[], before: Before | undefined): void {
    const verdicts = incident.lost
    const former = [before, ...parts.map((key) => remembered.get(key))].flatMap((one) => one ?? [])
    open.set(foldSubject(incident.subject), {
      subject: incident.subject,
      scenario: incident.scenario,
      reason: incident.reason,
      since: former.reduce((first, { since }) => (since < first ? since : first), incident.since),
      evidence: verdicts.flatMap((verdict) => verdict.because()),
      seen: union(
        former.flatMap(({ seen }) => seen),
        verdicts,
      ),
    })
    for (const key of parts) covered.add(key)
  }
  function keep(subject: string, before: Before, verdicts: readonly Classified[], parts: readonly string[]): void {
    const { scenario, since, seen } = before
    const [first] = verdicts
    const told = verdicts.length === 1 && first ? first.reason : classesTold(verdicts)
    open.set(foldSubject(subject), {
      ...{ subject, scenario, since },
      reason: `It was lost, and has not been seen whole since: ${told}`,
      evidence: verdicts.flatMap((verdict) => verdict.because()),
      seen: union(seen, verdicts),
    })
    for (const key of parts) covered.add(key)
  }
  /** A part that is not flagged itself inherits what the wider flag knew. */
  function handDown(before: Before, parts: readonly string[]): void {
    for (const key of parts) remembered.set(key, earlier(before, remembered.get(key)))
  }

  for (const { fqdn, servers } of desired.pools) {
    const key = foldSubject(fqdn)
    const incident = incidents.pools.get(key)
    const before = expected.hosts.has(key) ? undefined : remembered.get(key)
    if (!incident && !before) continue
    const members = servers.map(foldSubject)
    const parts = [...members, ...members.flatMap((member) => thingsOf(member, digest))]
    const verdicts = members.flatMap((member) => classes.hosts.get(member) ?? [])
    if (incident && (before || hasLasted(incident.since, digest))) raise(incident, parts, before)
    else if (incident) for (const member of members) waiting.add(member)
    else if (before && servers.length > 1 && (isAhead(before, now) || !verdicts.some(isHealthy)))
      keep(fqdn, before, verdicts, parts)
    else if (before) handDown({ ...before, scenario: 'member-server' }, members)
  }

  for (const [key, one] of expected.hosts) {
    if (covered.has(key)) continue
    const [incident, before, verdict] = [incidents.hosts.get(key), remembered.get(key), classes.hosts.get(key)]
    if (!verdict || (!incident && !before)) continue
    const things = thingsOf(key, digest)
    if (incident) {
      if (before || (hasLasted(incident.since, digest) && !waiting.has(key))) raise(incident, things, before)
    } else if (before) {
      const empty = things.filter((thing) => !holds(thing, before, digest))
      if (isAhead(before, now) || !isHealthy(verdict) || empty.length > 0)
        keep(one.host.fqdn, before, [verdict, ...empty.flatMap((thing) => verdictOf(thing, digest))], things)
    }
  }

  for (const verdict of [...classes.databases.values(), ...classes.fileStores.values()]) {
    const key = foldSubject(verdict.subject)
    if (covered.has(key)) continue
    const [incident, before] = [incidents.things.get(key), remembered.get(key)]
    if (incident && (before || hasLasted(incident.since, digest))) raise(incident, [], before)
    else if (before && !incident && (isAhead(before, now) || !holds(key, before, digest)))
      keep(verdict.subject, before, [verdict], [])
  }
  return [...open.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, flag]) => flag)
}

const isHealthy = (verdict: Classified | undefined): boolean => verdict?.class === 'healthy'

/** The flag is younger than now can be: the clock went back, and times prove nothing. */
function isAhead({ since }: Before, now: Time): boolean {
  return since > now
}

function verdictOf(thing: string, { classes: { databases, fileStores } }: Digest): Classified[] {
  return [databases.get(thing), fileStores.get(thing)].filter((verdict) => verdict !== undefined)
}

/** Databases and shares of a machine, as keys. */
function thingsOf(host: string, { classes }: Digest): string[] {
  const one = classes.scene.expected.hosts.get(host)
  if (!one) return []
  return [
    ...one.instances.flatMap(({ restored }) => restored.map((database) => database.key)),
    ...one.fileStores.map(({ subject }) => foldSubject(subject)),
  ]
}

/**
 * Whether a database or a share is healthy and holds what it held. That a database was not created since, its class
 * tells; a share must have content, and where its age is not told, it must never have been seen emptied.
 */
function holds(key: string, { seen }: Before, { classes }: Digest): boolean {
  if (classes.databases.has(key)) return isHealthy(classes.databases.get(key))
  const verdict = classes.fileStores.get(key)
  const sight = verdict ? classes.scene.sights.of('fileStore', verdict.subject) : null
  if (!isHealthy(verdict) || sight?.state !== 'seen') return false
  const { entries = 0, bornAt = null } = sight.value
  return entries > 0 && (bornAt !== null || !(seen.includes('clean') || seen.includes('half-built')))
}

function earlier(a: Before, b: Before | undefined): Before {
  if (!b) return a
  return { scenario: b.scenario, since: a.since < b.since ? a.since : b.since, seen: union([...a.seen, ...b.seen], []) }
}

function union(seen: readonly Class[], verdicts: readonly Classified[]): Class[] {
  const all = new Set([...seen, ...verdicts.map((verdict) => verdict.class)])
  return classNames.filter((name) => all.has(name))
}

function classesTold(verdicts: readonly Classified[]): string {
  return `${verdicts.map((verdict) => `${verdict.subject} is ${verdict.class}`).join(', ')}.`
}
