/** What of a deployment is reached over the network, and where. */
import { hosts } from './hosts.ts'
import type { Desired, PoolType, SqlStore } from './model.ts'
import { distinct, foldSubject } from './subject.ts'

/**
 * The names that must answer the same at restore time: machines, pools, SQL listeners, and those by which clients find
 * the deployment from inside (domain reference, section 8.6). External names are asked of no internal server.
 */
export function namesOf(desired: Desired): string[] {
  return distinct([
    ...hosts(desired).map(({ fqdn }) => fqdn),
    ...desired.pools.map(({ fqdn }) => fqdn),
    ...desired.sqlStores.map(({ host }) => host),
    ...desired.deployment.sipDomains.flatMap((domain) => [
      `sip.${domain}`,
      `lyncdiscoverinternal.${domain}`,
      `_sipinternaltls._tcp.${domain}`,
    ]),
  ])
}

/** A name that is asked for as SRV, and not as an address. */
export function isServiceName(name: string): boolean {
  return name.startsWith('_')
}

/**
 * The listener whose certificate tells most of a server, by type of pool; null where none is fixed ("Ports and
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

/** Both partners of a mirror: either may be principal tomorrow. An availability group is asked through its listener. */
export function sqlAddresses({ sqlStores }: Desired): Pick<SqlStore, 'host' | 'instance' | 'port'>[] {
  return sqlStores.flatMap(partnersOf)
}

/** Where the databases of one store may be. */
export function partnersOf({
  host,
  instance,
  port,
  highAvailability,
}: SqlStore): Pick<SqlStore, 'host' | 'instance' | 'port'>[] {
  return [
    { host, instance, port },
    ...(highAvailability.kind === 'mirror' ? [{ ...highAvailability.partner, port: null }] : []),
  ]
}
