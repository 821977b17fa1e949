/** A published topology in the terms of its document: sites, clusters, SQL instances, services. */
export interface Topology {
  signature: string
  sipDomains: string[]
  sites: { id: number; name: string; branch: boolean }[]
  clusters: Cluster[]
  sqlInstances: { name: string; cluster: ClusterId; primaryNode: string | null }[]
  services: Service[]
}

export interface ClusterId {
  site: number
  number: number
}

export interface Cluster extends ClusterId {
  fqdn: string
  /** Whether Lync is installed there; false for SQL, file and other foreign hosts. */
  setup: boolean
  machines: string[]
}

export interface ServiceId {
  site: number
  role: string
  instance: number
}

export interface Service extends ServiceId {
  /** Product generation: 6 is Lync 2013. */
  generation: number
  dependsOn: (ServiceId & { usage: string })[]
  installedOn: { cluster: ClusterId; sqlInstance: string | null }
  ports: { owner: string; port: number }[]
  /** Attributes of the element that some roles carry. */
  attributes: Record<string, string>
}
