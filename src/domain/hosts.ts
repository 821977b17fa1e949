import type { Desired, Pool, SqlStore } from './model.ts'
import { foldSubject } from './subject.ts'
import type { Subject } from './words.ts'

/** A machine of the topology, and what it is there for. */
export interface Host {
  fqdn: string
  /** Pool types, `sql-server`, `file-server`, `witness`; sorted. */
  roles: readonly string[]
  /** FQDN of the pool that it is a member of; null for SQL and file servers. */
  pool: string | null
  /** Site of its pool; of a SQL or file server, those of all pools that use it, for no document gives its own. */
  sites: readonly string[]
}

/** Every machine of the topology, SQL and file servers too, sorted by name. Backup servers belong to no topology. */
export function hosts(desired: Desired): Host[] {
  const found = new Map<string, { fqdn: string; roles: Set<string>; pool: string | null; sites: Set<string> }>()
  const add = (fqdn: string, role: string, sites: readonly string[], pool: string | null = null): void => {
    const key = foldSubject(fqdn)
    const host = found.get(key) ?? { fqdn, roles: new Set<string>(), pool: null, sites: new Set<string>() }
    host.roles.add(role)
    host.pool ??= pool
    for (const site of sites) host.sites.add(site)
    found.set(key, host)
  }
  const sites = sitesOfStores(desired.pools)
  for (const { fqdn, type, site, servers } of desired.pools)
    for (const server of servers) add(server, type, [site], fqdn)
  for (const store of desired.sqlStores) {
    const used = sites.get(store.name) ?? []
    for (const machine of machinesOf(store)) add(machine, 'sql-server', used)
    if (store.highAvailability.kind === 'mirror' && store.highAvailability.witness !== null)
      add(instanceHost(store.highAvailability.witness), 'witness', used)
  }
  for (const store of desired.fileStores) {
    const server = serverOf(store.path)
    if (server !== null && !isDomain(server, desired)) add(server, 'file-server', sites.get(store.name) ?? [])
  }
  return [...found.values()]
    .map((host) => ({ ...host, roles: [...host.roles].sort(), sites: [...host.sites].sort() }))
    .sort((a, b) => (foldSubject(a.fqdn) < foldSubject(b.fqdn) ? -1 : 1))
}

/** Store name -> the sites of the pools that use it. */
function sitesOfStores(pools: readonly Pool[]): ReadonlyMap<string, readonly string[]> {
  const sites = new Map<string, string[]>()
  for (const { site, stores, fileStore } of pools)
    for (const store of [...Object.values(stores), fileStore])
      if (store !== null) sites.set(store.name, [...(sites.get(store.name) ?? []), site])
  return sites
}

/** How many things a revision names: what it means to lose "a fifth of its subjects" is counted by this. */
export function countSubjects(desired: Desired): number {
  const { pools, sqlStores, fileStores, locations, policies } = desired
  const servers = pools.reduce((sum, pool) => sum + pool.servers.length, 0)
  return servers + pools.length + sqlStores.length + fileStores.length + locations.length + policies.length
}

/** The real machines behind a store: a listener or a cluster name is none where its nodes are known. */
export function machinesOf(store: SqlStore): string[] {
  const availability = store.highAvailability
  switch (availability.kind) {
    case 'none':
      return [store.host]
    case 'mirror':
      return [store.host, availability.partner.host]
    case 'availability-group':
      return availability.replicas.length > 0 ? availability.replicas.map(instanceHost) : [store.host]
    case 'failover-cluster':
      return availability.nodes.length > 0 ? [...availability.nodes] : [store.host]
  }
}

/** The server of `\\server\share`; null when the path is no UNC path. */
export function serverOf(path: string): string | null {
  return /^\\\\([^\\]+)\\/.exec(path)?.[1] ?? null
}

/** The machine that an instance, a database or a share is on; any other subject is one itself. */
export function machineOf(subject: Subject): string {
  return serverOf(subject) ?? subject.split(/[\\/]/, 1)[0] ?? subject
}

/** `\\server\share` of a folder in it; any other path is left as it is. */
export function shareOf(path: string): string {
  return /^\\\\[^\\]+\\[^\\]+/.exec(path)?.[0] ?? path
}

/** A share below a domain's name is a DFS namespace: no machine has that name. */
export function isDomain(name: string, { deployment }: Desired): boolean {
  return [deployment.domain, ...deployment.sipDomains].some((domain) => foldSubject(domain) === foldSubject(name))
}

/** `fqdn\instance` -> `fqdn` */
function instanceHost(text: string): string {
  return text.split('\\')[0] ?? text
}
