/** A published topology in the terms of desired state: plain data, from whichever document or shell it was read. */
import type { HighAvailability, PoolType, Product, StoreRole } from './model.ts'

export interface PublishedPool {
  /** As published. */
  fqdn: string
  site: string
  type: PoolType
  /** Null for an unsupported pool, and where the document does not say. */
  product: Product | null
  servers: readonly string[]
  applications: readonly string[]
  /** FQDNs of its web services and Access Edge for the outside. Absent in what older versions saw. */
  externalNames?: readonly string[]
  /** Names of SQL stores. */
  stores: Readonly<Partial<Record<StoreRole, string>>>
  /** Name of a file store. */
  fileStore: string | null
  pairedWith: string | null
}

export interface PublishedSqlStore {
  name: string
  host: string
  /** Empty for the default instance. */
  instance: string
  highAvailability: HighAvailability
}

export interface PublishedFileStore {
  name: string
  path: string
  serviceFolders: readonly string[]
}

export interface PublishedTopology {
  sipDomains: readonly string[]
  product: Product
  /** Name of the SQL store; null where the document does not say. */
  centralManagementStore: string | null
  /** Sorted by FQDN. */
  pools: readonly PublishedPool[]
  /** Sorted by name; mirror partners are none. */
  sqlStores: readonly PublishedSqlStore[]
  /** Sorted by name. */
  fileStores: readonly PublishedFileStore[]
  /** Every host that the document names. */
  hosts: readonly string[]
}
