import { certificateText } from './certificate-text.ts'
import { none, sorted, unknown, type EnvironmentRecord } from './environment-record.ts'
import type { DatabaseFacts, Facts, SimpleUrl } from './facts.ts'
import type { Subject } from './words.ts'

/** The kinds of sights that say something about the environment. */
export type Seen = Pick<
  Facts,
  | 'dns'
  | 'tls'
  | 'webCertificates'
  | 'sqlInstance'
  | 'fileStore'
  | 'services'
  | 'patchLevels'
  | 'pairing'
  | 'poolStates'
  | 'simpleUrls'
  | 'oauthCertificate'
  | 'complianceAdapter'
  | 'publishedTopology'
  | 'replication'
  | 'dhcp'
>

/** What each of them says. */
export const ofSight: { [F in keyof Seen]: (subject: Subject, value: Facts[F]) => EnvironmentRecord } = {
  dns: (subject, { answers }) => ({ [subject]: { dns: sorted(answers) } }),
  tls: (subject, seen) => ({ [subject]: { certificate: certificateText(seen), thumbprint: seen.thumbprint } }),
  webCertificates: (subject, { internal, external }) => ({
    [subject]: {
      webInternalCertificate: internal === null ? unknown : certificateText(internal),
      webInternalThumbprint: internal?.thumbprint ?? unknown,
      webExternalCertificate: external === null ? unknown : certificateText(external),
      webExternalThumbprint: external?.thumbprint ?? unknown,
    },
  }),
  sqlInstance: (subject, { version, edition, databases }) => ({
    [subject]: { version, edition, databases: sorted(databases.map(({ name }) => name)) },
    ...Object.fromEntries(databases.map((database) => [`${subject}/${database.name}`, databaseFacts(database)])),
  }),
  fileStore: (subject, { folders, mountPoint }) => ({
    [subject]: {
      serviceFolders: sorted(folders.filter(isService)),
      ...(mountPoint === undefined ? {} : { mountPoint }),
    },
  }),
  services: (subject, { services }) => ({ [subject]: { services: sorted(services.map(({ name }) => name)) } }),
  patchLevels: (_, { servers }) =>
    Object.fromEntries(servers.map(({ fqdn, version }) => [fqdn, { patchLevel: version }])),
  pairing: (subject, { modules }) => ({
    [subject]: { backupService: sorted(modules.map((one) => `${one.name} ${one.exportStatus}`)) },
  }),
  poolStates: (_, { pools }) => Object.fromEntries(pools.map(({ fqdn, state }) => [fqdn, { poolState: state }])),
  simpleUrls: (subject, { urls }) => ({ [subject]: { simpleUrls: sorted(urls.map(simpleUrlText)) } }),
  oauthCertificate: (subject, { certificate }) => ({
    [subject]: {
      // A machine without a role of Lync has none: that says nothing of the servers.
      oauthCertificate: certificate === null ? unknown : certificateText(certificate),
      oauthThumbprint: certificate?.thumbprint ?? unknown,
    },
  }),
  complianceAdapter: (subject, { adapter }) => ({ [subject]: { complianceAdapter: adapter ?? none } }),
  publishedTopology: (subject, { signature, topology }) => ({
    ...Object.fromEntries(
      topology.pools.flatMap(({ fqdn, externalNames = [] }) =>
        externalNames.length === 0 ? [] : [[fqdn, { externalNames: sorted(externalNames) }]],
      ),
    ),
    [subject]: { topology: signature },
  }),
  replication: (subject, { replicas }) => ({ [subject]: { configurationUpdatedAt: newestUpdate(replicas) } }),
  dhcp: (subject, { servers }) => ({
    [subject]: { dhcpServers: sorted(servers.map(({ name }) => name)) },
    ...Object.fromEntries(
      servers.map(({ name, options }) => [
        name,
        Object.fromEntries(options.map(({ id, value }) => [`dhcpOption${id}`, value])),
      ]),
    ),
  }),
}

/** `Meet contoso.com https://meet.contoso.com` */
export function simpleUrlText({ scope, component, domain, url }: SimpleUrl): string {
  return `${scope === 'Global' ? '' : `${scope} `}${component} ${domain} ${url}`
}

/** When the configuration was last changed, as far as the replicas show. */
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
    family: database.family ?? unknown,
    createdAt: database.createdAt ?? unknown,
    state: database.state,
    recoveryModel: database.recoveryModel,
    mirroringRole: database.mirroringRole ?? none,
    replicaRole: database.replicaRole ?? none,
    collation: database.collation ?? unknown,
    encrypted: told(database.encrypted),
    logShipped: told(database.logShipped),
  }
}

function told(fact: boolean | undefined): string {
  return fact === undefined ? unknown : fact ? 'yes' : 'no'
}
