import type { Desired, FileStore, Pool, SqlStore } from '../../domain/model.ts'
import type { PublishedFileStore, PublishedPool, PublishedSqlStore, PublishedTopology } from '../../domain/published.ts'
import { foldSubject, sameSubject, sqlSubject } from '../../domain/subject.ts'

/** One field that Git and the published topology tell differently, in words for a person. */
export interface Field {
  field: string
  desired: string
  published: string
}

/** The published stores by name: pools refer to them so, and Git may call them otherwise. */
export interface PublishedStores {
  sql: ReadonlyMap<string, PublishedSqlStore>
  files: ReadonlyMap<string, PublishedFileStore>
}

export function storesOf({ sqlStores, fileStores }: PublishedTopology): PublishedStores {
  return {
    sql: new Map(sqlStores.map((store) => [store.name, store])),
    files: new Map(fileStores.map((store) => [store.name, store])),
  }
}

const roles = ['user', 'archiving', 'monitoring', 'persistentChat', 'compliance'] as const
/** Only these have data of their own; people need not write down the others. */
const applicationsWithData = ['call-park', 'response-group']
const none = 'none'

/** What differs between the same pool in Git and as published; of an unsupported one only that it is one. */
export function poolFields(pool: Pool, published: PublishedPool, stores: PublishedStores): Field[] {
  const type = field('type', pool.type, published.type)
  if (pool.type === 'unsupported' || published.type === 'unsupported') return type
  return [
    ...type,
    ...field('product', pool.product, told(pool, published)),
    ...field('site', pool.site, published.site),
    ...field('servers', pool.servers.join(', '), published.servers.join(', ')),
    ...field('applications', withData(pool), withData(published)),
    ...roles.flatMap((role) => {
      const store = published.stores[role]
      return field(
        `${role} store`,
        placeOf(pool.stores[role]),
        placeOf(store === undefined ? store : stores.sql.get(store)),
      )
    }),
    ...field('file store', pool.fileStore?.path ?? none, pathOf(published, stores)),
  ]
}

/** A document tells no Subscription Edition from 2019, of which it is the continuation (topology format, section 10). */
function told(pool: Pool, { product }: PublishedPool): string {
  if (product === null) return pool.product
  return product === 'skype-for-business-2019' && pool.product === 'skype-for-business-se' ? pool.product : product
}

function withData({ applications }: { applications: readonly string[] }): string {
  return applicationsWithData.filter((name) => applications.includes(name)).join(', ') || none
}

function placeOf(store: Pick<SqlStore, 'host' | 'instance'> | undefined): string {
  return store ? sqlSubject(store) : none
}

function pathOf({ fileStore }: PublishedPool, { files }: PublishedStores): string {
  return (fileStore === null ? undefined : files.get(fileStore))?.path ?? none
}

/** Mirroring, which decides how a store is rebuilt. Of clusters and groups a document tells too little to compare. */
export function sqlStoreFields(store: SqlStore, published: PublishedSqlStore): Field[] {
  return field('mirror', mirrorOf(store), mirrorOf(published))
}

function mirrorOf({ highAvailability }: Pick<SqlStore, 'highAvailability'>): string {
  return highAvailability.kind === 'mirror' ? sqlSubject(highAvailability.partner) : none
}

/** A folder that Git names must be one that the topology gives; Git need not name those without content. */
export function fileStoreFields(store: FileStore, published: PublishedFileStore): Field[] {
  const given = new Set(published.serviceFolders.map(foldSubject))
  const missing = store.serviceFolders.filter((folder) => !given.has(foldSubject(folder)))
  return missing.length === 0 ? [] : field('service folders', missing.join(', '), none)
}

/** What is told of the deployment as a whole; a store that no document tells is no difference. */
export function deploymentFields(
  { deployment }: Desired,
  published: PublishedTopology,
  stores: PublishedStores,
): Field[] {
  const store = published.centralManagementStore === null ? undefined : stores.sql.get(published.centralManagementStore)
  const desired = deployment.centralManagementStore
  return [
    ...field('SIP domains', folded(deployment.sipDomains), folded(published.sipDomains)),
    ...(store && desired ? field('Central Management store', sqlSubject(desired), sqlSubject(store)) : []),
  ]
}

function folded(names: readonly string[]): string {
  return names.map(foldSubject).sort().join(', ')
}

function field(name: string, desired: string, published: string): Field[] {
  return sameSubject(desired, published) ? [] : [{ field: name, desired, published }]
}
