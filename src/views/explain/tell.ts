import { reasonOf, type FlawedItem } from '../../domain/backup-set.ts'
import { formatSize } from '../../base/units.ts'
import { tellCommit } from '../../domain/commit.ts'
import { webPorts } from '../../domain/endpoints.ts'
import { simpleUrlText } from '../../domain/environment-sights.ts'
import type { Certificate, Facts } from '../../domain/facts.ts'
import { whyUnseen, type Observation } from '../../domain/observation.ts'

/** What was seen, as one line for a person: a row per kind of fact. */
const tellers: { readonly [F in keyof Facts]: (value: Facts[F]) => string } = {
  source: ({ head, lastGood, commit, unreachable, invalid }) =>
    `head ${head?.slice(0, 12) ?? 'unknown'}, in force ${lastGood === null ? 'none' : tellCommit(lastGood, commit)}${unreachable === null ? '' : `; ${unreachable.message} [${unreachable.code}]`}${
      invalid.length === 0 ? '' : `; ${invalid.length} faults`
    }`,
  location: ({ identity, us, freeBytes, totalBytes, clockOffsetSeconds }) =>
    `${identity === null ? 'no identity' : identity.owner === us ? 'ours' : `owned by ${identity.owner}`}, ${formatSize(freeBytes)} of ${formatSize(totalBytes)} free, clock ${clockOffsetSeconds ?? 'unknown'} s off`,
  dns: ({ answers }) => listed(answers),
  tls: (seen) => `port ${seen.port}: ${tellCertificate(seen)}`,
  webCertificates: ({ internal, external }) =>
    `internal (port ${webPorts.internal}): ${tellCertificate(internal)}; external (port ${webPorts.external}): ${tellCertificate(external)}`,
  sqlInstance: ({ version, edition, databases }) =>
    `${version} ${edition}; ${listed(databases.map(({ name, state, mirroringRole }) => [name, state, mirroringRole].filter(Boolean).join(' ')))}`,
  fileStore: ({ folders, entries, bornAt }) =>
    `${listed(folders)}${entries === undefined ? '' : `; ${entries} entries`}${bornAt ? `; since ${bornAt}` : ''}`,
  ports: ({ open, closed }) => `open: ${listed(open)}; closed: ${listed(closed)}`,
  services: ({ services }) => listed(services.map(({ name, status }) => `${name} ${status}`)),
  replication: ({ replicas }) => listed(replicas.map(({ fqdn, upToDate }) => `${fqdn} ${tellUpToDate(upToDate)}`)),
  centralManagement: ({ location, activeMaster }) =>
    `at ${location ?? 'nowhere'}, active master ${activeMaster ?? 'none'}`,
  databaseTests: ({ databases }) =>
    listed(databases.map(({ name, succeed }) => `${name} ${succeed ? 'succeeds' : 'fails'}`)),
  fabric: ({ routingGroups, withoutPrimary, withoutSecondary }) =>
    `${routingGroups} routing groups, ${withoutPrimary} without primary, ${withoutSecondary} without secondary`,
  pairing: ({ partner, modules }) =>
    `with ${partner ?? 'none'}; ${listed(modules.map((one) => `${one.name} ${one.exportStatus}, ${one.importStatus}`))}`,
  poolStates: ({ pools }) => listed(pools.map(({ fqdn, state }) => `${fqdn} ${state}`)),
  simpleUrls: ({ urls }) => listed(urls.map(simpleUrlText)),
  oauthCertificate: ({ certificate }) => (certificate === null ? 'none' : tellCertificate(certificate)),
  complianceAdapter: ({ adapter }) =>
    adapter === null
      ? 'no adapter is set: nothing is saved there'
      : `${adapter} takes it out: what it has not taken out yet is lost with the database`,
  publishedTopology: ({ signature, topology }) =>
    `${topology.pools.length} pools, ${topology.hosts.length} hosts, signature ${signature.slice(0, 12)}`,
  patchLevels: ({ servers }) => listed(servers.map(({ fqdn, version }) => `${fqdn} ${version}`)),
  dhcp: ({ servers }) =>
    listed(servers.map(({ name, options }) => [name, ...options.map(({ id, value }) => `${id}=${value}`)].join(' '))),
  environmentRecord: ({ record }) => `${Object.keys(record).length} subjects recorded`,
}

export function tell<F extends keyof Facts>(fact: F, observation: Observation<Facts[F]>): string {
  return observation.known ? tellers[fact](observation.value) : `unknown: ${whyUnseen(observation)}`
}

/** How an item ended, and why. */
export function tellFlaw(item: FlawedItem): string {
  return [item.outcome, reasonOf(item)].filter((part) => part !== '').join(': ')
}

function tellCertificate(certificate: Certificate | null): string {
  return certificate === null
    ? 'no answer'
    : `${certificate.subject}, ${certificate.thumbprint}, until ${certificate.expiresAt}`
}

function tellUpToDate(upToDate: boolean | null): string {
  return upToDate === null ? 'unknown' : upToDate ? 'up to date' : 'late'
}

function listed(values: readonly (string | number)[]): string {
  return values.length === 0 ? 'none' : values.join(', ')
}
