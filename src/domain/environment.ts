import type { DatabaseFacts } from './facts.ts'
import { hosts } from './hosts.ts'
import type { Desired, Pool, SqlStore } from './model.ts'
import { fileStoreSubject, foldSubject, sqlSubject } from './subject.ts'
import type { Observation, Observed, Subject } from './words.ts'

/** What must be the same at restore time, as text: subject -> fact -> value, `unknown` where nothing was seen. */
export type EnvironmentRecord = Record<Subject, Record<string, string>>

export const unknown = 'unknown'
/** What was looked for and is not there. */
const none = 'none'

/**
 * The one projection of what was seen, used when a set is written and when it is compared: names, addresses, versions,
 * certificates and paths ("At restore time DNS, DHCP, domain names, computer FQDNs, file store paths, SQL instance
 * names must equal those at backup time": "Preparing to restore").
 */
export function environmentOf(desired: Desired, observed: Observed): EnvironmentRecord {
  const record: EnvironmentRecord = {}
  const note = (subject: Subject, facts: Record<string, string>): void => {
    record[subject] = Object.assign(record[subject] ?? {}, facts)
  }
  note(desired.deployment.name, deploymentFacts(desired))
  for (const pool of desired.pools) note(pool.fqdn, poolFacts(pool))
  for (const { fqdn } of hosts(desired))
    note(fqdn, { dns: unknown, certificate: unknown, thumbprint: unknown, services: unknown, patchLevel: unknown })
  for (const store of instances(desired)) note(store, { version: unknown, edition: unknown, databases: unknown })
  for (const store of desired.fileStores) note(fileStoreSubject(store), { serviceFolders: unknown })
  noteSeen(observed, note)
  return inOrder(record)
}

type Note = (subject: Subject, facts: Record<string, string>) => void

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
  }
}

function poolFacts({ product, servers, stores, fileStore, pairedWith }: Pool): Record<string, string> {
  const places = Object.entries(stores).map(([role, store]) => [`${role}Store`, sqlSubject(store)])
  return {
    product,
    servers: servers.join(', '),
    ...(Object.fromEntries(places) as Record<string, string>),
    fileStore: fileStore ? fileStoreSubject(fileStore) : none,
    pairedWith: pairedWith ?? none,
    backupService: unknown,
  }
}

function noteSeen({ facts }: Observed, note: Note): void {
  each(facts.dns, (subject, { answers }) => note(subject, { dns: sorted(answers) }))
  each(facts.tls, (subject, { subject: name, names, issuer, thumbprint, expiresAt }) =>
    note(subject, {
      certificate: `${name}; names ${sorted(names)}; ${issuer}; until ${expiresAt}`,
      thumbprint,
    }),
  )
  each(facts.sqlInstance, (subject, { version, edition, databases }) => {
    note(subject, { version, edition, databases: sorted(databases.map(({ name }) => name)) })
    for (const database of databases) note(`${subject}/${database.name}`, databaseFacts(database))
  })
  each(facts.fileStore, (subject, { folders }) => note(subject, { serviceFolders: sorted(folders.filter(isService)) }))
  each(facts.services, (subject, { services }) => note(subject, { services: sorted(services.map(({ name }) => name)) }))
  each(facts.patchLevels, (_, { servers }) => {
    for (const { fqdn, version } of servers) note(fqdn, { patchLevel: version })
  })
  each(facts.pairing, (subject, { modules }) =>
    note(subject, { backupService: sorted(modules.map((one) => `${one.name} ${one.exportStatus}`)) }),
  )
  each(facts.publishedTopology, (subject, { signature }) => note(subject, { topology: signature }))
  each(facts.replication, (subject, { replicas }) => note(subject, { configurationUpdatedAt: newestUpdate(replicas) }))
  each(facts.dhcp, (subject, { servers }) => {
    note(subject, { dhcpServers: sorted(servers.map(({ name }) => name)) })
    for (const { name, options } of servers)
      note(name, Object.fromEntries(options.map(({ id, value }) => [`dhcpOption${id}`, value])))
  })
}

/** When the configuration was last changed, as far as the replicas tell. */
export function newestUpdate(replicas: readonly { lastUpdateCreation: string | null }[]): string {
  return (
    replicas.reduce((newest, { lastUpdateCreation: at }) => (at !== null && at > newest ? at : newest), '') || unknown
  )
}

/** `<n>-<Role>-<n>`: the folders that the topology gives; others come and go. */
function isService(folder: string): boolean {
  return /^\d+-[A-Za-z]+-\d+$/.test(folder)
}

function databaseFacts(database: DatabaseFacts): Record<string, string> {
  return {
    guid: database.guid ?? unknown,
    createdAt: database.createdAt ?? unknown,
    state: database.state,
    recoveryModel: database.recoveryModel,
    mirroringRole: database.mirroringRole ?? none,
    replicaRole: database.replicaRole ?? none,
  }
}

function each<T>(facts: ReadonlyMap<Subject, Observation<T>>, use: (subject: Subject, value: T) => void): void {
  for (const [subject, fact] of facts) if (fact.known) use(subject, fact.value)
}

function instances({ sqlStores }: Desired): Subject[] {
  return sqlStores.flatMap((store) => [sqlSubject(store), ...partnerOf(store)])
}

function partnerOf({ highAvailability }: SqlStore): Subject[] {
  return highAvailability.kind === 'mirror' ? [sqlSubject(highAvailability.partner)] : []
}

function sorted(values: readonly string[]): string {
  return values.length === 0 ? none : values.toSorted().join(', ')
}

function inOrder(record: EnvironmentRecord): EnvironmentRecord {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (foldSubject(a) < foldSubject(b) ? -1 : 1)))
}
