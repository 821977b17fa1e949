/** The counterpart of `topology-document.ts`. */
import { elementOf, elementsOf, type XmlElement } from './xml-tree.ts'
import type { ClusterId, Service, ServiceId, Topology } from './topology.ts'

export function topologyOf(root: XmlElement): Topology {
  const of = (list: string, element: string): XmlElement[] => elementsOf(elementOf(root, list), element)
  return {
    signature: root.attributes.Signature ?? '',
    sipDomains: of('InternalDomains', 'InternalDomain').map(({ attributes }) => attributes.Name ?? ''),
    sites: elementOf(root, 'Sites').children.map((site) => ({
      ...{ id: numberOf(site, 'SiteId'), name: elementOf(site, 'Name').text, branch: site.name === 'RemoteSite' },
    })),
    clusters: of('Clusters', 'Cluster').map((cluster) => ({
      ...clusterIn(cluster),
      ...{ fqdn: cluster.attributes.Fqdn ?? '', setup: cluster.attributes.RequiresSetup === 'true' },
      machines: elementsOf(cluster, 'Machine').map(({ attributes }) => attributes.Fqdn ?? ''),
    })),
    sqlInstances: of('SqlInstances', 'SqlInstance').map((instance) => ({
      name: elementOf(instance, 'SqlInstanceId').attributes.Name ?? '',
      cluster: clusterIn(instance),
      primaryNode: instance.attributes.AlwaysOnPrimaryNodeFqdn ?? null,
    })),
    services: of('Services', 'Service').map(serviceOf),
  }
}

function serviceOf(service: XmlElement): Service {
  const installed = elementOf(service, 'InstalledOn')
  const own = service.children.at(-1)
  const { xmlns: _, ...attributes } = own?.name === 'Ports' ? {} : (own?.attributes ?? {})
  return {
    ...serviceIdIn(service),
    generation: numberOf(service, 'ServiceVersion'),
    dependsOn: elementsOf(elementOf(service, 'DependsOn'), 'Dependency').map((one) => ({
      ...serviceIdIn(one),
      usage: one.attributes.Usage ?? '',
    })),
    installedOn: {
      cluster: clusterIn(installed),
      sqlInstance: elementsOf(installed, 'SqlInstanceId')[0]?.attributes.Name ?? null,
    },
    ports: elementsOf(service, 'Port').map((port) => ({
      owner: port.attributes.Owner ?? '',
      port: numberOf(port, 'Port'),
    })),
    attributes,
  }
}

function clusterIn(element: XmlElement): ClusterId {
  const id = elementOf(element, 'ClusterId')
  return { site: numberOf(id, 'SiteId'), number: numberOf(id, 'Number') }
}

function serviceIdIn(element: XmlElement): ServiceId {
  const id = elementOf(element, 'ServiceId')
  return { site: numberOf(id, 'SiteId'), role: id.attributes.RoleName ?? '', instance: numberOf(id, 'Instance') }
}

function numberOf({ attributes }: XmlElement, name: string): number {
  return Number(attributes[name])
}
