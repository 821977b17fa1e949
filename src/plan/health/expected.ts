import { onceFor } from '../../base/once-for.ts'
import { databasesOf, isUsedBy, type Database } from '../../domain/databases.ts'
import { partnersOf } from '../../domain/endpoints.ts'
import { hosts, machinesOf, serverOf, type Host } from '../../domain/hosts.ts'
import type { Desired, FileStore, PoolType, SqlStore, StoreRole } from '../../domain/model.ts'
import { distinct, fileStoreSubject, foldSubject, sqlSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'

export interface ExpectedDatabase {
  /** As the documents write it. */
  name: string
  subject: Subject
  /** Folded subject. */
  key: string
}

/** An instance with the databases that the topology puts there. */
export interface ExpectedInstance {
  subject: Subject
  /** Folded name of its machine; of a listener or a cluster, which is no machine, null. */
  host: string | null
  /** Folded names of the machines that may hold it: its own, or those behind a listener or a cluster. */
  machines: readonly string[]
  store: SqlStore
  /** Databases whose loss calls for a restore. */
  restored: readonly ExpectedDatabase[]
  /** All that it should hold, folded. */
  all: ReadonlySet<string>
  /** The other instances that hold the same. */
  partners: readonly Subject[]
}

export interface ExpectedFileStore {
  subject: Subject
  store: FileStore
  /** Folded name of its machine; null below a domain (DFS). */
  host: string | null
  /** As of a host. */
  zones: readonly string[]
}

export interface ExpectedHost {
  host: Host
  key: string
  /** Types of the pools that it is a member of. */
  types: readonly PoolType[]
  isPaired: boolean
  /** Where it stands: its sites; of an Edge Server the perimeter of its site, which is another network. */
  zones: readonly string[]
  instances: readonly ExpectedInstance[]
  /** Instances of clusters that may run on it, or on another node. */
  clustered: readonly Subject[]
  /** Those of clusters, and the listeners of groups, behind which it stands with others. */
  shared: readonly ExpectedInstance[]
  fileStores: readonly ExpectedFileStore[]
  /** Instances whose mirroring session it witnesses. */
  witnessed: readonly Subject[]
}

/** What the topology says must be there, by folded subject. */
export interface Expected {
  hosts: ReadonlyMap<string, ExpectedHost>
  instances: ReadonlyMap<string, ExpectedInstance>
  fileStores: ReadonlyMap<string, ExpectedFileStore>
}

/** Found once for each revision: a large topology is asked the same at every pass. */
export const expectedOf = onceFor(find)

function find(desired: Desired): Expected {
  const machines = hosts(desired).map((host) => ({ ...place(host), host, key: foldSubject(host.fqdn) }))
  const found = new Map<string, Draft>(machines.map((one) => [one.key, { ...one, ...nothing() }]))
  for (const { type, servers, pairedWith } of desired.pools)
    for (const server of servers) {
      const member = found.get(foldSubject(server))
      member?.types.push(type)
      if (member && pairedWith !== null) member.isPaired = true
    }
  const instances = instancesOf(desired, found)
  for (const instance of instances.values())
    if (instance.host !== null) found.get(instance.host)?.instances.push(instance)
    else for (const machine of instance.machines) found.get(machine)?.shared.push(instance)
  for (const { highAvailability: mode, ...store } of desired.sqlStores) {
    if (mode.kind === 'failover-cluster')
      for (const node of mode.nodes) found.get(foldSubject(node))?.clustered.push(sqlSubject(store))
    if (mode.kind === 'mirror' && mode.witness !== null)
      found
        .get(foldSubject(mode.witness.split('\\')[0] ?? ''))
        ?.witnessed.push(sqlSubject(store), sqlSubject(mode.partner))
  }
  const fileStores = desired.fileStores.map((store): ExpectedFileStore => {
    const host = found.get(foldSubject(serverOf(store.path) ?? ''))
    const zones = distinct(desired.pools.filter((pool) => pool.fileStore?.name === store.name).map(({ site }) => site))
    return { subject: fileStoreSubject(store), store, host: host?.key ?? null, zones }
  })
  for (const store of fileStores) if (store.host !== null) found.get(store.host)?.fileStores.push(store)
  return {
    hosts: found,
    instances,
    fileStores: new Map(fileStores.map((store) => [foldSubject(store.subject), store])),
  }
}

type Draft = ExpectedHost & {
  types: PoolType[]
  instances: ExpectedInstance[]
  clustered: Subject[]
  shared: ExpectedInstance[]
  fileStores: ExpectedFileStore[]
  witnessed: Subject[]
}

function nothing(): Pick<
  Draft,
  'types' | 'isPaired' | 'instances' | 'clustered' | 'shared' | 'fileStores' | 'witnessed'
> {
  return { types: [], isPaired: false, instances: [], clustered: [], shared: [], fileStores: [], witnessed: [] }
}

function place({ roles, sites }: Host): { zones: string[] } {
  return { zones: roles.includes('edge') ? sites.map((site) => `${site} perimeter`) : [...sites] }
}

function instancesOf(desired: Desired, found: ReadonlyMap<string, unknown>): Map<string, ExpectedInstance> {
  const instances = new Map<string, ExpectedInstance>()
  const held = databasesByStore(desired)
  for (const store of desired.sqlStores) {
    const databases = held.get(store.name) ?? []
    const places = partnersOf(store)
    const subjects = places.map((one) => sqlSubject(one))
    for (const { host, ...rest } of places) {
      const subject = sqlSubject({ host, ...rest })
      const key = foldSubject(host)
      instances.set(foldSubject(subject), {
        subject,
        host: found.has(key) ? key : null,
        machines: found.has(key) ? [key] : machinesOf(store).map(foldSubject),
        store,
        restored: distinct(databases.filter(({ keptBy }) => keptBy !== null).map(({ name }) => name)).map((name) => ({
          name,
          subject: `${subject}/${name}`,
          key: foldSubject(`${subject}/${name}`),
        })),
        all: new Set(databases.map(({ name }) => foldSubject(name))),
        partners: subjects.filter((other) => foldSubject(other) !== foldSubject(subject)),
      })
    }
  }
  return instances
}

/** Store name -> the databases that pools and the Central Management store keep there. */
function databasesByStore({ pools, deployment }: Desired): Map<string, Database[]> {
  const held = new Map<string, Database[]>()
  const add = (store: SqlStore, databases: readonly Database[]): void => {
    held.set(store.name, [...(held.get(store.name) ?? []), ...databases])
  }
  for (const { type, stores, applications } of pools) {
    if (type === 'unsupported') continue
    for (const [role, store] of Object.entries(stores) as [StoreRole, SqlStore][])
      add(
        store,
        databasesOf(role).filter((database) => isUsedBy(database, applications)),
      )
  }
  if (deployment.centralManagementStore) add(deployment.centralManagementStore, databasesOf('centralManagement'))
  return held
}
