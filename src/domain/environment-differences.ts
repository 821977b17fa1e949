import { onceFor } from '../base/once-for.ts'
import { unknown, type EnvironmentRecord } from './environment-record.ts'
import { foldSubject } from './subject.ts'
import type { Subject } from './words.ts'

/** One fact that is no longer what a set recorded. */
export interface EnvironmentDifference {
  subject: Subject
  /** In words for a person, such as `DNS`. */
  fact: string
  recorded: string
  now: string
}

/**
 * The facts that "must equal those at backup time" ("Preparing to restore"), in words. What moves without a meaning for
 * a restore is recorded and not compared: which partner is principal, which services run, a topology published anew
 * (topology format, section 9), a certificate's text beside its thumbprint, where our machine mounted a share.
 */
const compared: Readonly<Record<string, string>> = {
  product: 'product',
  domain: 'Active Directory domain',
  sipDomains: 'SIP domains',
  centralManagementStore: 'Central Management store',
  dhcpServers: 'DHCP servers',
  dhcpOption43: 'DHCP option 43',
  dhcpOption120: 'DHCP option 120',
  servers: 'servers',
  userStore: 'user store',
  archivingStore: 'archiving store',
  monitoringStore: 'monitoring store',
  persistentChatStore: 'Persistent Chat store',
  complianceStore: 'compliance store',
  fileStore: 'file store',
  serviceFolders: 'service folders',
  pairedWith: 'paired pool',
  dns: 'DNS',
  thumbprint: 'certificate',
  patchLevel: 'patch level',
  version: 'SQL Server version',
  edition: 'SQL Server edition',
}

/**
 * What is different now from what a set recorded, by subject and fact. Unknown on either side is not a difference, nor is
 * what only one of them names: a record of an older Holdfast, or a server that came or went by a commit.
 */
export function compareEnvironments(recorded: EnvironmentRecord, today: EnvironmentRecord): EnvironmentDifference[] {
  const bySubject = foldedIn(recorded)
  return Object.entries(today).flatMap(([subject, facts]) => {
    const before = bySubject.get(foldSubject(subject))
    return before ? compareFacts(subject, before, facts) : []
  })
}

type FactTexts = EnvironmentRecord[string]

function compareFacts(subject: Subject, before: FactTexts, facts: FactTexts): EnvironmentDifference[] {
  const found: EnvironmentDifference[] = []
  for (const [key, now] of Object.entries(facts)) {
    const [fact, was] = [compared[key], before[key]]
    if (fact === undefined || was === undefined || was === unknown || now === unknown || isSame(was, now)) continue
    found.push({ subject, fact, recorded: was, now })
  }
  return found
}

/** A record is compared again and again, and never changes. */
export const foldedIn = onceFor(
  (record: EnvironmentRecord): ReadonlyMap<string, FactTexts> =>
    new Map(Object.entries(record).map(([key, facts]) => [foldSubject(key), facts])),
)

/** Names of Windows, DNS and SQL Server know no case, nor do thumbprints. */
function isSame(a: string, b: string): boolean {
  return a === b || foldSubject(a) === foldSubject(b)
}
