import type { Time } from '../../base/time.ts'
import type { OtherLosses } from '../../domain/loss/found.ts'
import { lossOf } from '../../domain/loss/loss.ts'
import type { Desired, SqlStore } from '../../domain/model.ts'
import { foldSubject, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Classified } from '../../domain/statement.ts'
import type { Scenario, Subject } from '../../domain/words.ts'
import { partnersOf } from '../../domain/endpoints.ts'
import { isLost, type Classes } from '../health/classes.ts'
import { latestOf } from '../health/sights.ts'

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

export function incidentsOf(desired: Desired, classes: Classes): Incidents {
  const foreign: Incidents['foreign'][number][] = []
  const single = (verdict: Classified): [string, Incident][] => {
    if (!isLost(verdict)) return []
    const loss = lossOf(verdict.subject, desired, around(verdict, classes))
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

/** What else is lost while this is: the other partner, or the same database there. */
function around(verdict: Classified, { hosts, databases, scene }: Classes): OtherLosses {
  const name = parseDatabase(verdict.subject)?.database
  const isGone = (machine: string): boolean => isLost(hosts.get(foldSubject(machine)))
  const lacks = (machine: string): boolean =>
    (scene.expected.hosts.get(foldSubject(machine))?.instances ?? []).some(
      ({ subject }) => name !== undefined && isLost(databases.get(foldSubject(`${subject}/${name}`))),
    )
  return {
    isLost: (machine) => isGone(machine) || lacks(machine),
    isTakenOver: (store, survivor) => holdsOnline(store, survivor, name === 'lis' ? 'lis' : 'xds', scene),
  }
}

/** Whether the survivor serves the database: as principal, or alone after its session was removed. */
function holdsOnline(store: SqlStore, survivor: string, name: string, { sights }: Classes['scene']): boolean {
  const place = partnersOf(store).find(({ host }) => sameSubject(host, survivor))
  const sight = place ? sights.of('sqlInstance', sqlSubject(place)) : null
  return (
    sight?.state === 'seen' &&
    sight.value.databases.some(
      (one) => sameSubject(one.name, name) && one.state === 'ONLINE' && one.mirroringRole !== 'MIRROR',
    )
  )
}
