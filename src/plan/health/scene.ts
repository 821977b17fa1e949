import type { Time } from '../../base/time.ts'
import { onceFor } from '../../base/once-for.ts'
import type { Desired, Finished } from '../../domain/model.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Observed } from '../../domain/observation.ts'
import type { Memory } from '../../domain/plan.ts'
import { isOfPair, type Operation } from '../../domain/procedures/operation.ts'
import type { Runbook } from '../../domain/runbook.ts'
import type { Flag } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import { neighbourhoodOf, type Neighbourhood } from './contacts.ts'
import { expectedOf, type Expected } from './expected.ts'
import { recordedFamilies } from './family.ts'
import { mirroredSights } from './mirrored.ts'
import { latestOf, sightsOf, type Sights } from './sights.ts'
import { replicationOf, type Replication } from './witnesses.ts'

/** All that a verdict may ask about, found once a pass. */
export interface Scene {
  now: Time
  expected: Expected
  sights: Sights
  neighbourhood: Neighbourhood
  replication: Replication
  /** What the sets with the newest ok copies recorded, as far as they were read. */
  records: Observed['facts']['environmentRecord']
  /** What a restored database is known by. */
  recordedFamily: ReturnType<typeof recordedFamilies>
  /**
   * Since when the subject, the machine that holds it or that machine's pool is flagged; null: it is not. Of several machines
   * that may hold it (folded) all have to be: it lives while one of them does.
   */
  flaggedSince(subject: Subject, machines: readonly string[]): Time | null
  /** Whether it is flagged by itself, and neither its machine nor that machine's pool is. */
  hasOwnFlag(subject: Subject, host: string): boolean
  /** Who restored all that was lost of it, after it was flagged: Holdfast, or as Git says; null: nobody. */
  finished(subject: Subject, machines: readonly string[]): Finished | null
}

export function sceneOf(desired: Desired, observed: Observed, memory: Memory, now: Time): Scene {
  const expected = expectedOf(desired)
  const sights = mirroredSights(sightsOf(observed, now), expected)
  const flags = new Map<string, Flag>(memory.standing.flags.map((flag) => [foldSubject(flag.subject), flag]))
  const words = finishedBySubject(desired)
  const restored = restoredBySubject(memory.standing.runbooks)
  return {
    now,
    expected,
    sights,
    neighbourhood: neighbourhoodOf(expected, sights),
    replication: replicationOf(desired.deployment.name, sights),
    records: observed.facts.environmentRecord,
    recordedFamily: recordedFamilies(observed, now),
    flaggedSince,
    hasOwnFlag(subject, host) {
      return flags.has(foldSubject(subject)) && !namesOf(host).some((name) => flags.has(name))
    },
    finished(subject, machines) {
      const since = flaggedSince(subject, machines)
      if (since === null) return null
      const names = [foldSubject(subject), ...machines.flatMap(namesOf)]
      const said = names.flatMap((name) => [...(words.get(name) ?? []), ...(restored.get(name) ?? [])])
      return said.find(({ at }) => at >= since && at <= now) ?? null
    },
  }

  /** A machine and its pool, folded. */
  function namesOf(machine: string): string[] {
    const pool = expected.hosts.get(machine)?.host.pool ?? null
    return pool === null ? [machine] : [machine, foldSubject(pool)]
  }

  function flaggedSince(subject: Subject, machines: readonly string[]): Time | null {
    if (flags.size === 0) return null
    const own = firstOf([foldSubject(subject)])
    const theirs = machines.map((machine) => firstOf(namesOf(machine)))
    const last = theirs.includes(null) ? null : latestOf(theirs.map((since) => since ?? '')) || null
    return own === null || (last !== null && last < own) ? last : own
  }

  function firstOf(names: readonly string[]): Time | null {
    const since = names.flatMap((one) => flags.get(one)?.since ?? [])
    return since.length === 0 ? null : since.reduce((first, time) => (time < first ? time : first))
  }
}

/** Holdfast's own record is a word too: every step that brings something back was run to its end, and proved. */
function restoredBySubject(runbooks: readonly Runbook[]): ReadonlyMap<string, readonly Finished[]> {
  return new Map(
    runbooks.map(({ subject, steps }) => {
      const restoring = steps.filter(({ state, run }) => state !== 'ended' && run && bringsBack(run.operation))
      const ends = restoring.map(({ state, run }) => (state === 'done' ? run?.done?.at : undefined))
      const at = ends.reduce(
        (last, end) => (last === undefined || end === undefined ? undefined : end > last ? end : last),
        '',
      )
      return [foldSubject(subject), at ? [{ by: 'Holdfast', at, note: null }] : []]
    }),
  )
}

/** From a set, or from the other pool of a pair. */
function bringsBack(operation: Operation): boolean {
  return operation.kind === 'restore-item' || isOfPair(operation)
}

/** Newest first, by folded subject. */
const finishedBySubject = onceFor(({ recoveries }: Desired): ReadonlyMap<string, readonly Finished[]> => {
  const found = new Map<string, Finished[]>()
  for (const { server, finished } of recoveries)
    if (finished) found.set(foldSubject(server), [...(found.get(foldSubject(server)) ?? []), finished])
  for (const list of found.values()) list.sort((a, b) => (a.at < b.at ? 1 : -1))
  return found
})
