import type { TopologyDocument } from './document.ts'
import { link, type Parts, type Reference } from './link.ts'
import { isNeverPublished } from './published.ts'
import { booleanOf, commonParts, domainsOf, filled, folderOf, isTrue, machineNames } from './service-parts.ts'
import { at, attribute, childrenOf, type Element } from './xml.ts'

/** The new topology of a Topology Builder file (topology format, section 3): a draft until it is published. */
export function readBuilderFile(topology: Element): TopologyDocument {
  const sites = at(topology, 'CentralSites', 'CentralSite').flatMap(withBranchSites).map(numbered)
  const clusters = sites.flatMap(({ element, key }) =>
    at(element, 'Clusters', 'Cluster').map((cluster) => ({ cluster, site: { key, id: key } })),
  )
  return {
    carrier: 'builder-file',
    draft: !isTrue(attribute(topology, 'IsPublished')) || isNeverPublished(attribute(topology, 'Signature')),
    ...domainsOf(topology),
    ...link({
      sites: sites.map(({ element, key, remote }) => ({
        key,
        name: siteName(element) ?? `Site ${siteId(element) ?? key}`,
        remote,
      })),
      clusters: clusters.map(({ cluster, site }) => clusterOf(cluster, site)),
      sqlInstances: clusters.flatMap(({ cluster }) => at(cluster, 'SqlInstances', 'SqlInstance').map(sqlOn(cluster))),
      services: at(topology, 'Services', 'Service').map(serviceOf),
    }),
  }
}

interface FoundSite {
  element: Element
  remote: boolean
}

function withBranchSites(site: Element): FoundSite[] {
  const branches = at(site, 'RemoteSites', 'RemoteSite').map((element) => ({ element, remote: true }))
  return [{ element: site, remote: false }, ...branches]
}

/** Sites of this carrier need no id of their own: a cluster is inside its site. */
function numbered(site: FoundSite, index: number): FoundSite & { key: string } {
  return { ...site, key: String(index + 1) }
}

function siteId(site: Element): string | null {
  return attribute(site, 'SiteId') ?? attribute(site, 'OriginalSiteId')
}

function siteName(site: Element): string | null {
  return filled(childrenOf(site, 'Name')[0]?.text ?? null)
}

function clusterOf(cluster: Element, site: Reference): Parts['clusters'][number] {
  const fqdn = attribute(cluster, 'Fqdn')?.trim() ?? ''
  return {
    ...uniqueId(cluster, 'UniqueId'),
    fqdn,
    site,
    requiresSetup: booleanOf(attribute(cluster, 'RequiresSetup')),
    machines: machineNames(at(cluster, 'Machines', 'Machine'), fqdn),
  }
}

function sqlOn(cluster: Element): (instance: Element) => Parts['sqlInstances'][number] {
  return (instance) => ({
    ...uniqueId(instance, 'UniqueId'),
    name: attribute(instance, 'Name')?.trim() ?? '',
    cluster: uniqueId(cluster, 'UniqueId'),
    primaryNode: filled(attribute(instance, 'AlwaysOnPrimaryNodeFqdn')),
  })
}

function serviceOf(service: Element): Parts['services'][number] {
  const role = attribute(service, 'RoleName')?.trim() ?? '?'
  return {
    ...uniqueId(service, 'UniqueId'),
    ...commonParts(service),
    role,
    folder: folderOf(attribute(service, 'OriginalSiteId'), role, attribute(service, 'OriginalInstance')),
    installedOn: uniqueId(service, 'InstalledOn'),
    dependencies: at(service, 'DependsOn', 'Dependency').map((dependency) => ({
      usage: attribute(dependency, 'Usage') ?? '',
      on: uniqueId(dependency, 'ServiceUniqueId'),
    })),
  }
}

/** Opaque, not always a GUID, compared without case. */
function uniqueId(element: Element, name: string): Reference {
  const id = attribute(element, name)?.trim() ?? '?'
  return { key: id.toLowerCase(), id }
}
