import type { Time } from '../../base/time.ts'
import { lossOf } from '../../domain/loss/loss.ts'
import type { Desired } from '../../domain/model.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Classified, Flag } from '../../domain/statement.ts'
import type { Scenario, Subject } from '../../domain/words.ts'
import { isLost, type Classes } from '../health/classes.ts'
import { latestOf } from '../health/sights.ts'
import { otherLossesOf, type KnownLosses } from './other-losses.ts'

/** One cause, and what must be rebuilt because of it (domain reference, section 6.1). */
export interface Incident {
  subject: Subject
  scenario: Scenario
  reason: string
  /** Since when all of it is lost. */
  since: Time
  /** The verdicts that made it. */
  lost: readonly Classified[]
}

/** All that is lost now, however long, by folded subject. What a wider incident explains is still listed in the narrower map. */
export interface Incidents {
  /** Pools with more than one server, all of them lost. */
  pools: ReadonlyMap<string, Incident>
  hosts: ReadonlyMap<string, Incident>
  /** Databases and file stores. */
  things: ReadonlyMap<string, Incident>
  /** Lost hosts and databases for which Holdfast has no procedure, with the reason. */
  foreign: readonly { verdict: Classified; why: string }[]
}

/** Who is lost around a subject, as it is seen now. */
export function seenLosses(
  desired: Desired,
  { hosts, databases, scene }: Classes,
  flags: readonly Flag[],
): KnownLosses {
  return {
    ...{ desired, flags, sights: scene.sights },
    isSeenLost: (subject) => isLost(hosts.get(foldSubject(subject))) || isLost(databases.get(foldSubject(subject))),
  }
}

/** `flags`: those that are open already. */
export function incidentsOf(desired: Desired, classes: Classes, flags: readonly Flag[]): Incidents {
  const known = seenLosses(desired, classes, flags)
  const foreign: Incidents['foreign'][number][] = []
  const single = (verdict: Classified): [string, Incident][] => {
    if (!isLost(verdict)) return []
    const loss = lossOf(verdict.subject, desired, otherLossesOf(verdict.subject, known))
    if (loss === null || loss.scenario === null) {
      foreign.push({ verdict, why: loss?.why ?? 'The topology has nothing on it that Holdfast restores.' })
      return []
    }
    const { subject, reason, since } = verdict
    return [[foldSubject(subject), { subject, scenario: loss.scenario, reason, since, lost: [verdict] }]]
  }
  const hosts = new Map([...classes.hosts.values()].flatMap(single))
  const things = new Map([...classes.databases.values(), ...classes.fileStores.values()].flatMap(single))
  return { pools: wholePools(desired, hosts), hosts, things, foreign }
}

/** "Restoring a Lync Server pool": a member that holds more than its role is rebuilt by its own procedure. */
function wholePools({ pools }: Desired, hosts: ReadonlyMap<string, Incident>): Map<string, Incident> {
  const found = new Map<string, Incident>()
  for (const { fqdn, servers } of pools) {
    if (servers.length < 2) continue
    const members = servers.flatMap((server) => hosts.get(foldSubject(server)) ?? [])
    if (members.length < servers.length || members.some(({ scenario }) => scenario !== 'member-server')) continue
    const lost = members.flatMap((member) => member.lost)
    found.set(foldSubject(fqdn), {
      subject: fqdn,
      scenario: 'pool',
      reason: `All of its servers are lost: ${lost.map((one) => `${one.subject} is ${one.class}`).join(', ')}.`,
      since: latestOf(members.map(({ since }) => since)),
      lost,
    })
  }
  return found
}
