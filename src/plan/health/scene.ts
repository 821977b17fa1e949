import type { Time } from '../../base/time.ts'
import type { Desired } from '../../domain/model.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Observed } from '../../domain/observation.ts'
import type { Memory } from '../../domain/plan.ts'
import type { Flag } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import { neighbourhoodOf, type Neighbourhood } from './contacts.ts'
import { expectedOf, type Expected } from './expected.ts'
import { recordedFamilies } from './family.ts'
import { mirroredSights } from './mirrored.ts'
import { sightsOf, type Sights } from './sights.ts'
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
  /** Since when the subject, the machine that holds it or that machine's pool is flagged; null: it is not. */
  flaggedSince(subject: Subject, host: string | null): Time | null
}

export function sceneOf(desired: Desired, observed: Observed, memory: Memory, now: Time): Scene {
  const expected = expectedOf(desired)
  const sights = mirroredSights(sightsOf(observed, now), expected)
  const flags = new Map<string, Flag>(memory.standing.flags.map((flag) => [foldSubject(flag.subject), flag]))
  return {
    now,
    expected,
    sights,
    neighbourhood: neighbourhoodOf(expected, sights),
    replication: replicationOf(desired.deployment.name, sights),
    records: observed.facts.environmentRecord,
    recordedFamily: recordedFamilies(observed, now),
    flaggedSince(subject, host) {
      if (flags.size === 0) return null
      const pool = host === null ? null : (expected.hosts.get(host)?.host.pool ?? null)
      const since = [foldSubject(subject), host, pool === null ? null : foldSubject(pool)].flatMap((one) =>
        one === null ? [] : (flags.get(one)?.since ?? []),
      )
      return since.length === 0 ? null : since.reduce((first, time) => (time < first ? time : first))
    },
  }
}
