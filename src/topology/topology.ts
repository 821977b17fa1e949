/** A topology document as Holdfast understands it. */
import type { PublishedFileStore, PublishedPool, PublishedSqlStore, PublishedTopology } from '../domain/published.ts'
import type { Carrier } from './carrier.ts'

export type TopologyPool = PublishedPool
export type TopologySqlStore = PublishedSqlStore
export type TopologyFileStore = PublishedFileStore

export interface Topology extends PublishedTopology {
  carrier: Carrier
  draft: boolean
  /** Name of the first site. */
  firstSite: string
  /** Active Directory domain, taken from the default SIP domain. */
  domain: string
  /** References that lead nowhere; what they belong to is left out. */
  dangling: number
}
