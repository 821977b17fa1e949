import { hasExternalNames, sqlAddresses, webServers } from './endpoints.ts'
import { none, sorted, unknown, type EnvironmentRecord } from './environment-record.ts'
import { ofSight, type Seen } from './environment-sights.ts'
import type { Facts } from './facts.ts'
import { hosts } from './hosts.ts'
import { homesUsers } from './inventory.ts'
import type { Desired, Pool } from './model.ts'
import { fileStoreSubject, foldSubject, sqlSubject } from './subject.ts'
import type { Observation, Observed } from './observation.ts'
import type { Subject } from './words.ts'

/**
 * The one projection of what was seen, used when a set is written and when it is compared: names, addresses, versions,
 * certificates and paths ("At restore time DNS, DHCP, domain names, computer FQDNs, file store paths, SQL instance
 * names must equal those at backup time": "Preparing to restore").
 */
export function environmentOf(desired: Desired, observed: Observed): EnvironmentRecord {
  const record: EnvironmentRecord = {}
  for (const part of environmentParts(desired, observed))
    for (const [subject, facts] of Object.entries(part)) record[subject] = { ...record[subject], ...facts }
  return inOrder(record)
}

/** The same in parts: what Git says, and each sight. A part is the same object as long as what it says is. */
export function environmentParts(desired: Desired, { facts }: Observed): EnvironmentRecord[] {
  return [
    partOf(desired, desired.revision, () => ofDesired(desired)),
    ...(Object.keys(ofSight) as (keyof Seen)[]).flatMap((fact) => partsOf(fact, facts[fact])),
  ]
}

function partsOf<F extends keyof Seen>(
  fact: F,
  sights: ReadonlyMap<Subject, Observation<Facts[F]>>,
): EnvironmentRecord[] {
  const parts: EnvironmentRecord[] = []
  for (const [subject, seen] of sights)
    if (seen.known) parts.push(partOf(seen.value, subject, () => ofSight[fact](subject, seen.value)))
  return parts
}

const known = new WeakMap<object, { subject: string; part: EnvironmentRecord }>()

function partOf(source: object, subject: string, make: () => EnvironmentRecord): EnvironmentRecord {
  const found = known.get(source)
  if (found?.subject === subject) return found.part
  const part = make()
  known.set(source, { subject, part })
  return part
}

function ofDesired(desired: Desired): EnvironmentRecord {
  const record: EnvironmentRecord = {}
  const note = (subject: Subject, facts: Record<string, string>): void => {
    record[subject] = { ...record[subject], ...facts }
  }
  note(desired.deployment.name, deploymentFacts(desired))
  for (const pool of desired.pools) note(pool.fqdn, poolFacts(pool))
  for (const { fqdn } of hosts(desired))
    note(fqdn, { dns: unknown, certificate: unknown, thumbprint: unknown, services: unknown, patchLevel: unknown })
  for (const fqdn of webServers(desired)) note(fqdn, webFacts)
  for (const place of sqlAddresses(desired))
    note(sqlSubject(place), { version: unknown, edition: unknown, databases: unknown })
  for (const store of desired.fileStores) note(fileStoreSubject(store), { serviceFolders: unknown })
  return record
}

const webFacts = {
  ...{ webInternalCertificate: unknown, webInternalThumbprint: unknown },
  ...{ webExternalCertificate: unknown, webExternalThumbprint: unknown },
}

/** What Git says, and what is unknown until it is seen. */
function deploymentFacts({ deployment }: Desired): Record<string, string> {
  const { product, domain, sipDomains, centralManagementStore, keptElsewhere } = deployment
  return {
    product,
    domain,
    sipDomains: sorted(sipDomains),
    centralManagementStore: centralManagementStore ? sqlSubject(centralManagementStore) : unknown,
    activeDirectoryCheckedOn: keptElsewhere.find(({ what }) => what === 'active-directory')?.checkedOn ?? unknown,
    topology: unknown,
    configurationUpdatedAt: unknown,
    dhcpServers: unknown,
    simpleUrls: unknown,
    oauthCertificate: unknown,
    oauthThumbprint: unknown,
  }
}

function poolFacts(pool: Pool): Record<string, string> {
  const { product, servers, stores, fileStore, pairedWith } = pool
  const places = Object.entries(stores).map(([role, store]) => [`${role}Store`, sqlSubject(store)])
  return {
    product,
    servers: servers.join(', '),
    ...(Object.fromEntries(places) as Record<string, string>),
    fileStore: fileStore ? fileStoreSubject(fileStore) : none,
    pairedWith: pairedWith ?? none,
    backupService: unknown,
    ...(hasExternalNames(pool) ? { externalNames: unknown } : {}),
    ...(homesUsers(pool) ? { poolState: unknown } : {}),
  }
}

function inOrder(record: EnvironmentRecord): EnvironmentRecord {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (foldSubject(a) < foldSubject(b) ? -1 : 1)))
}
