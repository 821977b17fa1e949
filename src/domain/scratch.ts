/** What a restore test must never touch: the instances and shares that the deployment uses (design, section 7). */
import type { Desired, HighAvailability, SqlStore } from './model.ts'
import type { PublishedTopology } from './published.ts'
import { foldSubject, instanceName, sameSubject } from './subject.ts'

/** An instance as somebody addresses it. */
export interface Instance {
  host: string
  /** Empty for the default instance, and where it is addressed by its port. */
  instance: string
  port: number | null
}

/** What is in use, each with who uses it, for messages. */
export interface InUse {
  instances: readonly (Instance & { by: string })[]
  /** UNC paths. */
  folders: readonly { path: string; by: string }[]
}

/** Every instance of a store, with those of its partners, replicas and nodes. */
export function instancesOf(store: Instance & { highAvailability: HighAvailability }): Instance[] {
  const { host, instance, port, highAvailability: mode } = store
  const on = (machine: string): Instance => ({ host: machine, instance, port })
  switch (mode.kind) {
    case 'none':
      return [on(host)]
    case 'mirror':
      return [on(host), { ...mode.partner, port: null }]
    case 'availability-group':
      return [host, mode.listener, ...mode.replicas].map(on)
    case 'failover-cluster':
      return [host, ...mode.nodes].map(on)
  }
}

/** What Git and the published topology use: a document may know what Git does not. */
export function inUseBy(desired: Desired, published: PublishedTopology | null): InUse {
  const { centralManagementStore: central } = desired.deployment
  const stores = [
    ...desired.pools.flatMap(({ fqdn, stores }) =>
      Object.values(stores).map((store) => ({ store, by: `pool ${fqdn}` })),
    ),
    ...(central ? [{ store: central, by: 'the Central Management store' }] : []),
    ...publishedInUse(published),
  ]
  return {
    instances: stores.flatMap(({ store, by }) => instancesOf(store).map((one) => ({ ...one, by }))),
    folders: [
      ...desired.fileStores.map(({ name, path }) => ({ path, by: `file store ${name}` })),
      ...desired.locations.map(({ name, share }) => ({ path: share, by: `location ${name}` })),
      ...(published?.fileStores ?? []).map(({ path }) => ({ path, by: 'the published topology' })),
    ],
  }
}

/** A store that no pool uses is scratch as much as any. */
function publishedInUse(
  published: PublishedTopology | null,
): { store: Omit<SqlStore, 'name' | 'version'>; by: string }[] {
  if (published === null) return []
  const { pools, sqlStores, centralManagementStore: central } = published
  const users = [
    ...pools.flatMap(({ fqdn, stores }) => Object.values(stores).map((name) => ({ name, by: `pool ${fqdn}` }))),
    ...(central === null ? [] : [{ name: central, by: 'the Central Management store' }]),
  ]
  return users.flatMap(({ name, by }) =>
    sqlStores
      .filter((store) => store.name === name)
      .map((store) => ({ store: { ...store, port: null }, by: `${by}, as published,` })),
  )
}

/** Who uses the instance that is said to be scratch; null: nobody that is known. */
export function userOfInstance(scratch: Instance, { instances }: InUse): string | null {
  return instances.find((one) => mayBeSame(one, scratch))?.by ?? null
}

/** In doubt, as where one is addressed by its port and the other by its name, it is the same. */
function mayBeSame(a: Instance, b: Instance): boolean {
  if (!sameSubject(a.host, b.host)) return false
  if (a.port !== null || b.port !== null) return a.port === null || b.port === null || a.port === b.port
  return sameSubject(instanceName(a.instance), instanceName(b.instance))
}

/** Who uses the folder that is said to be scratch, one above it or one in it; null: nobody that is known. */
export function userOfFolder(scratch: string, { folders }: InUse): string | null {
  return folders.find(({ path }) => isWithin(path, scratch) || isWithin(scratch, path))?.by ?? null
}

function isWithin(inner: string, outer: string): boolean {
  return `${foldSubject(inner)}\\`.startsWith(`${foldSubject(outer)}\\`)
}
