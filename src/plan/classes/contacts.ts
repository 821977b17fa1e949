import type { Time } from '../../base/time.ts'
import type { Expected, ExpectedHost } from './expected.ts'
import { codeOf, latestOf, type Sights } from './sights.ts'

/** What of one machine answers us directly. */
export interface Contact {
  /** When something of it last answered; null: nothing does. */
  answeredAt: Time | null
  /** Since when all that was tried is silent; empty when nothing was tried. */
  silentSince: Time
  /** Something that should be tried was not, or too long ago. */
  isDark: boolean
  /** In how many different ways it was tried: role ports, SMB, SQL Server, shares. */
  ways: number
}

export const smbPort = 445

/** Errors of an instance that somebody must have sent: whoever refuses a login lives. */
const sqlAnswers = new Set([
  'sql-login-failed',
  'sql-login-untrusted-domain',
  'sql-permission',
  'sql-certificate-expired',
  'sql-certificate-name',
  'sql-certificate-not-trusted',
  'sql-encryption',
  'sql-tls-version',
  'sql-not-ready',
  'sql-instance-unknown',
  'sql-deadlock',
  'sql-failed',
  'sql-server-full',
])
/** The same of a share. */
const shareAnswers = new Set(['file-denied', 'file-busy'])

/** Tries of one machine put together. A refused connection counts as silence: a device between may have sent it. */
export function contactOf({ host, instances, clustered, fileStores }: ExpectedHost, sights: Sights): Contact {
  const answers: Time[] = []
  const silences: Time[] = []
  const ways = new Set<string>()
  let isDark = false
  const ports = sights.of('ports', host.fqdn)
  if (ports.state === 'seen') {
    const { open, closed } = ports.value
    if (open.length > 0) answers.push(ports.at)
    else silences.push(ports.since)
    for (const port of [...open, ...closed]) ways.add(port === smbPort ? 'smb' : 'role')
  } else isDark = true
  const tries = [
    ...instances.map(({ subject }) => ({ way: 'sql', sight: sights.of('sqlInstance', subject), answers: sqlAnswers })),
    ...fileStores.map(({ subject }) => ({
      way: 'share',
      sight: sights.of('fileStore', subject),
      answers: shareAnswers,
    })),
  ]
  for (const { way, sight, answers: refusals } of tries) {
    if (sight.state === 'dark') isDark = true
    else {
      ways.add(way)
      if (sight.state === 'seen' || refusals.has(codeOf(sight.error))) answers.push(sight.at)
      else silences.push(sight.since)
    }
  }
  // A cluster that answers may run on another node; one that is silent is one more way in which this node is.
  for (const subject of clustered) {
    const sight = sights.of('sqlInstance', subject)
    if (sight.state !== 'silent') continue
    ways.add('sql')
    silences.push(sight.since)
  }
  return {
    answeredAt: answers.length > 0 ? latestOf(answers) : null,
    silentSince: latestOf(silences),
    isDark,
    ways: ways.size,
  }
}

/** When something of each zone last answered. Machines of several sites tell nothing of any: no document says where they are. */
export interface Surroundings {
  contacts: ReadonlyMap<string, Contact>
  /** Whether something of each of these zones answered after `since`; of no zone: anything at all. */
  answersSince(zones: readonly string[], since: Time): boolean
}

export function surroundingsOf({ hosts }: Expected, sights: Sights): Surroundings {
  const contacts = new Map<string, Contact>()
  const answered = new Map<string, Time>()
  let anything: Time = ''
  for (const [key, one] of hosts) {
    const contact = contactOf(one, sights)
    contacts.set(key, contact)
    if (contact.answeredAt === null) continue
    anything = latestOf([anything, contact.answeredAt])
    const [zone, ...others] = one.zones
    if (zone !== undefined && others.length === 0)
      answered.set(zone, latestOf([answered.get(zone) ?? '', contact.answeredAt]))
  }
  return {
    contacts,
    answersSince: (zones, since) =>
      zones.length === 0 ? anything >= since : zones.every((zone) => (answered.get(zone) ?? '') >= since),
  }
}
