/**
 * Which elements of a topology matter (topology format, sections 1 to 3). Everything else is passed over, so an
 * unknown element never disturbs, and a huge document costs only what is kept.
 */
import type { Element } from './xml.ts'

const prefix = 'urn:schema:Microsoft.Rtc.Management.'

export const namespaces = {
  topology: `${prefix}Deploy.Topology.2008`,
  builder: `${prefix}Deploy.TopologyBuilder.2008`,
  writable: `${prefix}Deploy.WritableTopology.2008`,
  roles: `${prefix}Deploy.ServiceRoles.2008`,
} as const

const structure = new Set([
  'InternalDomains',
  'InternalDomain',
  'Sites',
  'CentralSites',
  'CentralSite',
  'RemoteSites',
  'RemoteSite',
  'Name',
  'Clusters',
  'Cluster',
  'ClusterId',
  'Machines',
  'Machine',
  'SqlInstances',
  'SqlInstance',
  'SqlInstanceId',
  'Services',
  'Service',
  'ServiceId',
  'DependsOn',
  'Dependency',
  'InstalledOn',
])

/** Whether an element below the topology says something that the import uses. */
export function matters(element: Element, parent: Element): boolean {
  const { name, namespace } = element
  if (namespace === namespaces.topology || namespace === namespaces.writable)
    return structure.has(name) || parent.name === 'Sites'
  // Its own namespace is not told by the documents that were seen.
  if (name === 'ExternalSettings') return parent.name === 'WebService'
  if (namespace !== namespaces.roles) return false
  if (name === 'Port') {
    const { Owner: owner = '', ConfiguredFqdn: fqdn } = element.attributes
    return /^urn:application:/i.test(owner) || fqdn !== undefined
  }
  return name === 'Ports' || name.endsWith('Service')
}
