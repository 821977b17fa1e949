/**
 * The neutral document: what all three carriers say, with every reference followed. Role names keep the spelling of
 * the document; they, FQDNs and instances are compared without case.
 */
import type { Carrier } from './carrier.ts'

export interface Site {
  name: string
  /** A branch site. */
  remote: boolean
}

/** The vendor's internal word for a pool, and for every other host (SQL Server, file server, DFS root). */
export interface Cluster {
  /** As the document writes it, for messages: `1:2` or a unique id. */
  id: string
  /** As published; may be a short name. */
  fqdn: string
  site: Site
  /** Whether Lync or Skype for Business is installed there; null where the document does not say. */
  requiresSetup: boolean | null
  /** Names of the machines, in the order of the document. */
  machines: string[]
}

export interface SqlInstance {
  id: string
  /** Empty for the default instance. */
  name: string
  /** Null where the document names a cluster that it does not hold. */
  cluster: Cluster | null
  /** Present for an availability group only: its primary node at installation. */
  primaryNode: string | null
}

export interface Dependency {
  usage: string
  on: Service
}

export interface Service {
  id: string
  role: string
  /** Product generation: 6 = Lync Server 2013, 7 = 2015, 8 = 2019; null where it is not a number. */
  version: number | null
  /** `<SiteId>-<RoleName>-<Instance>`, the folder of the service in its file store; null where the document has no such id. */
  folder: string | null
  /** Where it is installed: exactly one of the two, or none for a dangling reference. */
  cluster: Cluster | null
  sqlInstance: SqlInstance | null
  dependencies: Dependency[]
  /** `RGS`, `Cps`, ...: what its ports belong to. */
  applications: string[]
  /** FQDNs by which the outside reaches it: of web services and of the external side of an Edge Server. */
  externalNames: string[]
  /** Share name of a file store. */
  share: string | null
  /** Whether this Central Management service is the master; null for other roles. */
  active: boolean | null
}

/** A reference to something that the document does not hold. */
export interface Dangling {
  /** Role of the service (or `SqlInstance`) that refers. */
  role: string
  from: string
  to: string
}

export interface TopologyDocument {
  carrier: Carrier
  /** Never published, or not published as it is. */
  draft: boolean
  defaultDomain: string | null
  sipDomains: string[]
  sites: Site[]
  clusters: Cluster[]
  sqlInstances: SqlInstance[]
  services: Service[]
  dangling: Dangling[]
}
