import { onceFor } from '../base/once-for.ts'
import { isRenewal } from './certificate-text.ts'
import { unknown, type EnvironmentRecord } from './environment-record.ts'
import type { Seen } from './environment-sights.ts'
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

interface ComparedFact {
  /** In words for a person. */
  name: string
  /** The kind of sight that tells it; absent: Git says it. */
  seenBy?: keyof Seen
  /** Of a certificate: the key of its text. */
  text?: string
}

/**
 * The facts that "must equal those at backup time" ("Preparing to restore"). What moves without a meaning for a restore
 * is recorded and not compared: which partner is principal, whether a pool is failed over, which services run, what takes compliance data out, a topology published anew (topology
 * format, section 9), a certificate's text beside its thumbprint, where our machine mounted a share.
 */
export const comparedFacts: Readonly<Record<string, ComparedFact>> = {
  product: { name: 'product' },
  domain: { name: 'Active Directory domain' },
  sipDomains: { name: 'SIP domains' },
  centralManagementStore: { name: 'Central Management store' },
  dhcpServers: { name: 'DHCP servers', seenBy: 'dhcp' },
  dhcpOption43: { name: 'DHCP option 43', seenBy: 'dhcp' },
  dhcpOption120: { name: 'DHCP option 120', seenBy: 'dhcp' },
  simpleUrls: { name: 'simple URLs', seenBy: 'simpleUrls' },
  oauthThumbprint: { name: 'OAuth certificate', seenBy: 'oauthCertificate', text: 'oauthCertificate' },
  servers: { name: 'servers' },
  userStore: { name: 'user store' },
  archivingStore: { name: 'archiving store' },
  monitoringStore: { name: 'monitoring store' },
  persistentChatStore: { name: 'Persistent Chat store' },
  complianceStore: { name: 'compliance store' },
  fileStore: { name: 'file store' },
  serviceFolders: { name: 'service folders', seenBy: 'fileStore' },
  pairedWith: { name: 'paired pool' },
  externalNames: { name: 'names for the outside', seenBy: 'publishedTopology' },
  dns: { name: 'DNS', seenBy: 'dns' },
  thumbprint: { name: 'certificate', seenBy: 'tls', text: 'certificate' },
  webInternalThumbprint: {
    ...{ name: 'certificate of the internal web services', seenBy: 'webCertificates', text: 'webInternalCertificate' },
  },
  webExternalThumbprint: {
    ...{ name: 'certificate of the external web services', seenBy: 'webCertificates', text: 'webExternalCertificate' },
  },
  patchLevel: { name: 'patch level', seenBy: 'patchLevels' },
  version: { name: 'SQL Server version', seenBy: 'sqlInstance' },
  edition: { name: 'SQL Server edition', seenBy: 'sqlInstance' },
}

/**
 * What is different now from what a set recorded, by subject and fact. Unknown on either side is not a difference, nor is
 * what only one of them names: a record of an older Holdfast, or a server that came or went by a commit. Nor is a renewed
 * certificate: who trusted the old one trusts it.
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
    const [fact, was] = [comparedFacts[key], before[key]]
    if (fact === undefined || was === undefined || was === unknown || now === unknown || isSame(was, now)) continue
    if (fact.text !== undefined && isRenewal(before[fact.text], facts[fact.text])) continue
    found.push({ subject, fact: fact.name, recorded: was, now })
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
