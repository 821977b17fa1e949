import type { DatabaseFacts } from './facts.ts'
import { hosts } from './hosts.ts'
import type { Desired, SqlStore } from './model.ts'
import { fileStoreSubject, foldSubject, sqlSubject } from './subject.ts'
import type { Observation, Observed, Subject } from './words.ts'

/** What must be the same at restore time, as text: subject -> fact -> value, `unknown` where nothing was seen. */
export type EnvironmentRecord = Record<Subject, Record<string, string>>

const unknown = 'unknown'

/**
 * The one projection of what was seen, used when a set is written and when it is compared: names, addresses, versions,
 * certificates and paths ("At restore time DNS, DHCP, domain names, computer FQDNs, file store paths, SQL instance
 * names must equal those at backup time": "Preparing to restore").
 */
export function environmentOf(desired: Desired, observed: Observed): EnvironmentRecord {
  const record: EnvironmentRecord = {}
  const note = (subject: Subject, facts: Record<string, string>): void => {
    record[subject] = { ...record[subject], ...facts }
  }
  const { deployment } = desired
  note(deployment.name, {
    product: deployment.product,
    domain: deployment.domain,
    sipDomains: sorted(deployment.sipDomains),
    centralManagementStore: deployment.centralManagementStore ? sqlSubject(deployment.centralManagementStore) : unknown,
  })
  for (const { fqdn, product } of desired.pools) note(fqdn, { product })
  for (const { fqdn } of hosts(desired)) note(fqdn, { dns: unknown, certificate: unknown })
  for (const store of instances(desired)) note(store, { version: unknown, edition: unknown, databases: unknown })
  for (const store of desired.fileStores) note(fileStoreSubject(store), { folders: unknown })
  noteSeen(observed, note)
  return inOrder(record)
}

type Note = (subject: Subject, facts: Record<string, string>) => void

function noteSeen({ facts }: Observed, note: Note): void {
  each(facts.dns, (subject, { answers }) => note(subject, { dns: sorted(answers) }))
  each(facts.tls, (subject, { subject: name, names, issuer, thumbprint, expiresAt }) =>
    note(subject, { certificate: `${name}; names ${sorted(names)}; ${issuer}; ${thumbprint}; until ${expiresAt}` }),
  )
  each(facts.sqlInstance, (subject, { version, edition, databases }) => {
    note(subject, { version, edition, databases: sorted(databases.map(({ name }) => name)) })
    for (const database of databases) note(`${subject}/${database.name}`, databaseFacts(database))
  })
  each(facts.fileStore, (subject, { folders }) => note(subject, { folders: sorted(folders) }))
}

function databaseFacts(database: DatabaseFacts): Record<string, string> {
  return {
    guid: database.guid ?? unknown,
    state: database.state,
    recoveryModel: database.recoveryModel,
    mirroringRole: database.mirroringRole ?? 'none',
    replicaRole: database.replicaRole ?? 'none',
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
  return [...values].sort().join(', ')
}

function inOrder(record: EnvironmentRecord): EnvironmentRecord {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (foldSubject(a) < foldSubject(b) ? -1 : 1)))
}
