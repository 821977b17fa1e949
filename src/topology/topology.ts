/** A topology as Holdfast understands it: plain data in the terms of desired state, from whichever document or shell. */
import type { HighAvailability, PoolType, Product, StoreRole } from '../domain/model.ts'
import type { Carrier } from './carrier.ts'

export interface TopologyPool {
  /** As published. */
  fqdn: string
  site: string
  type: PoolType
  /** Null for an unsupported pool, and where the document does not tell. */
  product: Product | null
  servers: readonly string[]
  applications: readonly string[]
  /** Names of SQL stores. */
  stores: Readonly<Partial<Record<StoreRole, string>>>
  /** Name of a file store. */
  fileStore: string | null
  pairedWith: string | null
}

export interface TopologySqlStore {
  name: string
  host: string
  /** Empty for the default instance. */
  instance: string
  highAvailability: HighAvailability
}

export interface TopologyFileStore {
  name: string
  path: string
  serviceFolders: readonly string[]
}

export interface Topology {
  carrier: Carrier
  draft: boolean
  /** Name of the first site. */
  firstSite: string
  /** Active Directory domain, taken from the default SIP domain. */
  domain: string
  sipDomains: readonly string[]
  product: Product
  /** Name of the SQL store; null where the document does not tell. */
  centralManagementStore: string | null
  /** Sorted by FQDN. */
  pools: readonly TopologyPool[]
  /** Sorted by name; mirror partners are none. */
  sqlStores: readonly TopologySqlStore[]
  /** Sorted by name. */
  fileStores: readonly TopologyFileStore[]
  /** Every host that the document names. */
  hosts: readonly string[]
  /** References that lead nowhere; what they belong to is left out. */
  dangling: number
}
