import type { Desired, Pool } from '../../domain/model.ts'
import { foldSubject } from '../../domain/subject.ts'

/** A resource of the topology as a reviewer sees it: flat, with references as names. */
export interface FlatResource {
  what: 'deployment' | 'pool' | 'sql-store' | 'file-store' | 'location'
  subject: string
  fields: Readonly<Record<string, unknown>>
}

/** Every resource but the policies, by kind and name. */
export function resources(desired: Desired): Map<string, FlatResource> {
  const { deployment, pools, sqlStores, fileStores, locations } = desired
  const list: FlatResource[] = [
    {
      what: 'deployment',
      subject: deployment.name,
      fields: { ...deployment, centralManagementStore: deployment.centralManagementStore?.name ?? null },
    },
    ...pools.map((pool): FlatResource => ({ what: 'pool', subject: pool.fqdn, fields: flatPool(pool) })),
    ...sqlStores.map((store): FlatResource => ({ what: 'sql-store', subject: store.name, fields: { ...store } })),
    ...fileStores.map((store): FlatResource => ({ what: 'file-store', subject: store.name, fields: { ...store } })),
    ...locations.map((place): FlatResource => ({ what: 'location', subject: place.name, fields: { ...place } })),
  ]
  return new Map(list.map((one) => [`${one.what} ${foldSubject(one.subject)}`, one]))
}

function flatPool(pool: Pool): Record<string, unknown> {
  const stores = Object.fromEntries(Object.entries(pool.stores).map(([role, store]) => [role, store.name]))
  return { ...pool, stores, fileStore: pool.fileStore?.name ?? null }
}
