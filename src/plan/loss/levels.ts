import { foldSubject } from '../../domain/subject.ts'
import type { Flag, Classified } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Incident } from './incidents.ts'

/** What a flag was before: under the same subject, or under one that was wider or narrower. */
export type Before = Pick<Flag, 'since' | 'lostAgainAt' | 'seen' | 'seenOf' | 'scenario'>

/** What wider levels leave to the narrower ones; keys are folded. */
export interface Told {
  /** The flags of the last pass, and what their heirs know of them. */
  remembered: ReadonlyMap<string, Before>
  /** Told by a wider flag already. */
  covered: ReadonlySet<string>
  /** Members of a pool that is lost, but not yet long enough: their flag will be the pool's. */
  waiting: ReadonlySet<string>
}

/** Something that is lost now, or was flagged. */
export interface Case {
  subject: Subject
  incident: Incident | undefined
  before: Before | undefined
  /** False while a wider flag is to rise instead. */
  mayRise: boolean
  /** Seen whole, with all that it held. */
  isWhole: boolean
  /** Why it is not whole. */
  verdicts: readonly Classified[]
  /** What its flag speaks for, and of that its members. */
  parts: readonly string[]
  members: readonly string[]
}

/** Pools of several servers; one that has a single server left hands its flag to that. */
export function poolCases(digest: Digest, { remembered }: Told): Case[] {
  const { desired, classes, incidents } = digest
  return desired.pools.flatMap(({ fqdn, servers }) => {
    const key = foldSubject(fqdn)
    const incident = incidents.pools.get(key)
    // A Standard Edition pool and its server are one subject: the server's.
    const before = classes.scene.expected.hosts.has(key) ? undefined : remembered.get(key)
    if (!incident && !before) return []
    const members = servers.map(foldSubject)
    const verdicts = members.flatMap((member) => classes.hosts.get(member) ?? [])
    return [
      {
        ...{ subject: fqdn, incident, before, mayRise: true, verdicts, members },
        isWhole: servers.length < 2 || (isBehind(before, digest) && verdicts.some(isHealthy)),
        parts: [...members, ...members.flatMap((member) => thingsOf(member, digest))],
      },
    ]
  })
}

/** Hosts of which no pool spoke, with the databases and shares on them. */
export function hostCases(digest: Digest, { remembered, covered, waiting }: Told): Case[] {
  const { classes, incidents } = digest
  return [...classes.scene.expected.hosts].flatMap(([key, { host }]) => {
    const [incident, before, verdict] = [incidents.hosts.get(key), remembered.get(key), classes.hosts.get(key)]
    if (covered.has(key) || !verdict || (!incident && !before)) return []
    const parts = thingsOf(key, digest)
    const empty = before ? parts.filter((thing) => !holds(thing, before, digest)) : []
    return [
      {
        ...{ subject: host.fqdn, incident, before, mayRise: !waiting.has(key), parts, members: [] },
        isWhole: isBehind(before, digest) && isHealthy(verdict) && empty.length === 0,
        verdicts: [verdict, ...empty.flatMap((thing) => verdictOf(thing, digest))],
      },
    ]
  })
}

/** Databases and file stores of which no host spoke. */
export function thingCases(digest: Digest, { remembered, covered }: Told): Case[] {
  const { classes, incidents } = digest
  return [...classes.databases.values(), ...classes.fileStores.values()].flatMap((verdict) => {
    const key = foldSubject(verdict.subject)
    const [incident, before] = [incidents.things.get(key), remembered.get(key)]
    if (covered.has(key) || (!incident && !before)) return []
    return [
      {
        ...{ subject: verdict.subject, incident, before, mayRise: true, verdicts: [verdict], parts: [], members: [] },
        isWhole: before !== undefined && isBehind(before, digest) && holds(key, before, digest),
      },
    ]
  })
}

const isHealthy = (verdict: Classified | undefined): boolean => verdict?.class === 'healthy'

/** Not so when the flag is younger than now can be: the clock went back, and times prove nothing. */
function isBehind(before: Before | undefined, { now }: Digest): boolean {
  return before === undefined || before.since <= now
}

function verdictOf(thing: string, { classes: { databases, fileStores } }: Digest): Classified[] {
  return [databases.get(thing), fileStores.get(thing)].filter((verdict) => verdict !== undefined)
}

/** Databases and shares of a machine, as keys; those of a cluster or a group too, which are lost with all its machines. */
function thingsOf(host: string, { classes }: Digest): string[] {
  const one = classes.scene.expected.hosts.get(host)
  if (!one) return []
  return [
    ...[...one.instances, ...one.shared].flatMap(({ restored }) => restored.map((database) => database.key)),
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
  const { scene } = classes
  const machine = scene.expected.fileStores.get(key)?.host ?? null
  const isFinished = scene.finished(verdict?.subject ?? '', machine === null ? [] : [machine]) !== null
  return entries > 0 && (bornAt !== null || isFinished || !(seen.includes('clean') || seen.includes('half-built')))
}
