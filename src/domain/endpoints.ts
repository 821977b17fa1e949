/** What of a deployment is reached over the network, and where. */
import { hosts } from './hosts.ts'
import type { Desired, Pool, PoolType, SqlStore } from './model.ts'
import type { PublishedTopology } from './published.ts'
import { distinct, foldSubject } from './subject.ts'

/**
 * The names that must answer the same at restore time: machines, pools, SQL listeners, and those by which clients find
 * the deployment from inside (domain reference, section 8.6). With the `topology` as published, the machines and pools
 * that only it knows too.
 */
export function namesOf(desired: Desired, topology: PublishedTopology | null = null): string[] {
  return distinct([
    ...hosts(desired).map(({ fqdn }) => fqdn),
    ...desired.pools.map(({ fqdn }) => fqdn),
    ...desired.sqlStores.map(({ host }) => host),
    ...desired.deployment.sipDomains.flatMap((domain) => [
      `sip.${domain}`,
      `lyncdiscoverinternal.${domain}`,
      `_sipinternaltls._tcp.${domain}`,
    ]),
    ...(topology === null ? [] : [...topology.hosts, ...topology.pools.map(({ fqdn }) => fqdn)]),
  ])
}

/**
 * The names by which clients and partners find the deployment from outside (domain reference, section 8.6). A name server
 * inside need not know them: what it answers is recorded, and that it has no answer is no fault. With the `topology` as
 * published, also the names of web services and the Access Edge.
 */
export function outsideNamesOf({ deployment }: Desired, topology: PublishedTopology | null = null): string[] {
  return distinct([
    ...deployment.sipDomains.flatMap((domain) => [
      `lyncdiscover.${domain}`,
      `_sip._tls.${domain}`,
      `_sipfederationtls._tcp.${domain}`,
    ]),
    ...(topology?.pools ?? []).flatMap(({ externalNames = [] }) => externalNames),
  ])
}

/** A name that is asked for as SRV, and not as an address. */
export function isServiceName(name: string): boolean {
  return name.startsWith('_')
}

/**
 * The listener whose certificate says most about a server, by type of pool; null where none is fixed ("Ports and
 * protocols for internal servers"). It is only looked at: nothing is decided on which port answers.
 */
const portOf: Record<PoolType, number | null> = {
  'front-end': 5061,
  'standard-edition': 5061,
  director: 5061,
  edge: 5061,
  'survivable-branch': 5061,
  mediation: 5067,
  'persistent-chat': 5041,
  'trusted-application': null,
  unsupported: null,
}

/** A listener for each server that has one, under the first pool that the server is a member of. */
export function tlsListeners({ pools }: Desired): { host: string; port: number; pool: string }[] {
  const found = new Map<string, { host: string; port: number; pool: string }>()
  for (const { fqdn, type, servers } of pools) {
    const port = portOf[type]
    if (port === null) continue
    for (const host of servers)
      if (!found.has(foldSubject(host))) found.set(foldSubject(host), { host, port, pool: fqdn })
  }
  return [...found.values()]
}

/** Ports of the web services inside, and of those that a reverse proxy leads to ("Ports and protocols for internal servers"). */
export const webPorts = { internal: 443, external: 4443 } as const

const withWebServices: ReadonlySet<PoolType> = new Set(['front-end', 'standard-edition', 'director'])

/** Whether the topology gives a pool names for the outside: of its web services, or of the Access Edge. */
export function hasExternalNames({ type }: Pool): boolean {
  return type === 'edge' || withWebServices.has(type)
}

/** Servers whose web services present certificates. */
export function webServers({ pools }: Desired): string[] {
  return distinct(pools.flatMap(({ type, servers }) => (withWebServices.has(type) ? servers : [])))
}

export const smbPort = 445

/**
 * The TCP ports that are tried on each machine: the listeners of all pools that it is a member of, and SMB of every
 * machine inside; an Edge Server answers nobody there.
 */
export function portsOf(desired: Desired): { host: string; ports: number[] }[] {
  const listeners = Map.groupBy(
    desired.pools.flatMap(({ type, servers }) => {
      const port = portOf[type]
      return port === null ? [] : servers.map((host) => ({ key: foldSubject(host), port }))
    }),
    ({ key }) => key,
  )
  return hosts(desired).map(({ fqdn, roles }) => {
    const own = (listeners.get(foldSubject(fqdn)) ?? []).map(({ port }) => port)
    const ports = new Set(roles.includes('edge') ? own : [...own, smbPort])
    return { host: fqdn, ports: [...ports].sort((a, b) => a - b) }
  })
}

/** Servers whose services can be asked for from inside: those with a role of Lync that are no Edge Servers. */
export function servicedHosts({ pools }: Desired): string[] {
  return distinct(pools.flatMap(({ type, servers }) => (portOf[type] === null || type === 'edge' ? [] : servers)))
}

/** Every copy: either partner of a mirror, any replica of a group may hold the database that is used tomorrow. */
export function sqlAddresses({ sqlStores }: Desired): Pick<SqlStore, 'host' | 'instance' | 'port'>[] {
  return sqlStores.flatMap(partnersOf)
}

/** Where the databases of one store may be; what is published comes first, of an availability group its listener. */
export function partnersOf(store: SqlStore): Pick<SqlStore, 'host' | 'instance' | 'port'>[] {
  const { host, instance, port } = store
  return [{ host, instance, port }, ...othersOf(store).map((other) => ({ ...other, port: null }))]
}

function othersOf({ instance, highAvailability: mode }: SqlStore): Pick<SqlStore, 'host' | 'instance'>[] {
  switch (mode.kind) {
    case 'mirror':
      return [mode.partner]
    case 'availability-group':
      return mode.replicas.map((host) => ({ host, instance }))
    case 'none':
    case 'failover-cluster':
      return []
  }
}
