import { wasNeverAsked } from '../../base/problem-meaning.ts'
import type { Time } from '../../base/time.ts'
import { smbPort } from '../../domain/endpoints.ts'
import type { Subject } from '../../domain/words.ts'
import type { Expected, ExpectedHost } from './expected.ts'
import { latestOf, type Sights } from './sights.ts'

/** What of one machine answers us directly. */
export interface Contact {
  /** When something of it last answered, and since when it does; null: nothing does. */
  answers: { at: Time; since: Time } | null
  /** Since when all that was tried is silent, and the earliest of the last tries; empty when nothing was tried. */
  silentSince: Time
  triedAt: Time
  /** Something that should be tried was not, or too long ago. */
  isDark: boolean
  /** In how many different ways it was tried in vain: role ports, SMB, SQL Server, shares. */
  ways: number
}

/** Tries of one machine put together. A refused connection counts as silence: a device between may have sent it. */
function contactOf({ host, instances, clustered, fileStores }: ExpectedHost, sights: Sights): Contact {
  const contact = { answers: null as Moment | null, silentSince: '', triedAt: '', isDark: false }
  const ways = new Set<string>()
  const answered = ({ at, since }: Moment): void => {
    const { answers } = contact
    contact.answers = answers
      ? { at: at > answers.at ? at : answers.at, since: since < answers.since ? since : answers.since }
      : { at, since }
  }
  const silent = ({ at, since }: Moment): void => {
    if (since > contact.silentSince) contact.silentSince = since
    if (contact.triedAt === '' || at < contact.triedAt) contact.triedAt = at
  }
  const tried = (way: string, fact: 'sqlInstance' | 'fileStore', subject: Subject): void => {
    const sight = sights.of(fact, subject)
    if (sight.state === 'dark' || (sight.state === 'silent' && wasNeverAsked(sight.observation.code)))
      contact.isDark = true
    else {
      ways.add(way)
      if (sight.state === 'seen' || sight.observation.answered) answered(sight)
      else silent(sight)
    }
  }
  const ports = sights.of('ports', host.fqdn)
  if (ports.state === 'seen') {
    const { open, closed } = ports.value
    if (open.length > 0) answered(ports)
    else silent(ports)
    for (const port of closed) ways.add(port === smbPort ? 'smb' : 'role')
  } else contact.isDark = true
  for (const { subject } of instances) tried('sql', 'sqlInstance', subject)
  for (const { subject } of fileStores) tried('share', 'fileStore', subject)
  // A cluster that answers may run on another node; one that is silent is one more way in which this node is.
  for (const subject of clustered) {
    const sight = sights.of('sqlInstance', subject)
    if (sight.state !== 'silent') continue
    ways.add('sql')
    silent(sight)
  }
  return { ...contact, ways: ways.size }
}

interface Moment {
  at: Time
  since: Time
}

export interface Neighbourhood {
  contacts: ReadonlyMap<string, Contact>
  /**
   * Since when something of each of these zones answers, by which a silence can be told from a network that is out: it
   * answered while the other was silent, and did already when that was last tried. Null: nothing of some zone does.
   * Of no zone: anything at all.
   */
  answeringSince(zones: readonly string[], silentSince: Time, triedAt: Time): Time | null
}

/** Machines of several sites tell nothing of any: no document says where they are. */
export function neighbourhoodOf({ hosts }: Expected, sights: Sights): Neighbourhood {
  const contacts = new Map<string, Contact>()
  const answering = new Map<string, Moment[]>()
  const everything: Moment[] = []
  for (const [key, one] of hosts) {
    const contact = contactOf(one, sights)
    contacts.set(key, contact)
    if (contact.answers === null) continue
    everything.push(contact.answers)
    const [zone, ...others] = one.zones
    if (zone === undefined || others.length > 0) continue
    const known = answering.get(zone)
    if (known) known.push(contact.answers)
    else answering.set(zone, [contact.answers])
  }
  for (const list of [everything, ...answering.values()]) list.sort((a, b) => (a.since < b.since ? -1 : 1))
  return {
    contacts,
    answeringSince(zones, silentSince, triedAt) {
      const lists = zones.length === 0 ? [everything] : zones.map((zone) => answering.get(zone) ?? [])
      // The lists begin with what answers longest.
      const found = lists.map((list) => list.find(({ at, since }) => at >= silentSince && since <= triedAt))
      return found.every((one) => one !== undefined) ? latestOf(found.map(({ since }) => since)) : null
    },
  }
}
