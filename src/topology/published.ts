import type { TopologyDocument } from './document.ts'
import { link, type Parts, type Reference } from './link.ts'
import { booleanOf, commonParts, domainsOf, filled, folderOf, machineNames } from './service-parts.ts'
import { at, attribute, childOf, childrenOf, type Element } from './xml.ts'

/** A published topology (topology format, section 2), which a configuration export holds too. */
export function readPublished(topology: Element, carrier: 'published' | 'configuration-export'): TopologyDocument {
  return {
    carrier,
    draft: isNeverPublished(attribute(topology, 'Signature')),
    ...domainsOf(topology),
    ...link({
      sites: at(topology, 'Sites').flatMap(sitesOf),
      clusters: at(topology, 'Clusters', 'Cluster').map(clusterOf),
      sqlInstances: at(topology, 'SqlInstances', 'SqlInstance').map(sqlInstanceOf),
      services: at(topology, 'Services', 'Service').map(serviceOf),
    }),
  }
}

/** An all-zero signature: the document was never published (section 9, trap 13). */
export function isNeverPublished(signature: string | null): boolean {
  return signature !== null && /^[{(]?[0-]+[)}]?$/.test(signature.trim())
}

/** Sites and whatever looks like one: a site that is not a central one is a branch site, wherever it is. */
function sitesOf(parent: Element): Parts['sites'] {
  return parent.children.flatMap((site) => {
    const id = attribute(site, 'SiteId')
    const [name] = childrenOf(site, 'Name')
    const own =
      id === null
        ? []
        : [
            {
              key: siteReference(id).key,
              name: filled(name?.text ?? null) ?? `Site ${id}`,
              remote: site.name !== 'CentralSite',
            },
          ]
    return [...own, ...sitesOf(site)]
  })
}

function clusterOf(cluster: Element): Parts['clusters'][number] {
  const fqdn = attribute(cluster, 'Fqdn')?.trim() ?? ''
  const id = childOf(cluster, 'ClusterId')
  return {
    ...clusterReference(id),
    fqdn,
    site: siteReference((id && attribute(id, 'SiteId')) ?? '?'),
    requiresSetup: booleanOf(attribute(cluster, 'RequiresSetup')),
    machines: machineNames(childrenOf(cluster, 'Machine'), fqdn),
  }
}

function sqlInstanceOf(instance: Element): Parts['sqlInstances'][number] {
  const id = childOf(instance, 'SqlInstanceId')
  return {
    ...sqlReference(id),
    name: (id && attribute(id, 'Name'))?.trim() ?? '',
    cluster: clusterReference(id && childOf(id, 'ClusterId')),
    primaryNode: filled(attribute(instance, 'AlwaysOnPrimaryNodeFqdn')),
  }
}

function serviceOf(service: Element): Parts['services'][number] {
  const id = childOf(service, 'ServiceId')
  const role = (id && attribute(id, 'RoleName')) ?? '?'
  const dependencies = at(service, 'DependsOn', 'Dependency')
  return {
    ...serviceReference(id),
    ...commonParts(service),
    role,
    folder: folderOf(id && attribute(id, 'SiteId'), role, id && attribute(id, 'Instance')),
    installedOn: hostReference(childOf(service, 'InstalledOn')),
    dependencies: dependencies.map((dependency) => ({
      usage: attribute(dependency, 'Usage') ?? '',
      on: serviceReference(childOf(dependency, 'ServiceId')),
    })),
  }
}

function hostReference(installedOn: Element | null): Reference {
  const sql = installedOn && childOf(installedOn, 'SqlInstanceId')
  return sql ? sqlReference(sql) : clusterReference(installedOn && childOf(installedOn, 'ClusterId'))
}

function siteReference(id: string): Reference {
  return { key: `site ${id.trim()}`, id }
}

function clusterReference(id: Element | null): Reference {
  return reference('cluster', id, ['SiteId', 'Number'], ':')
}

function serviceReference(id: Element | null): Reference {
  return reference('service', id, ['SiteId', 'RoleName', 'Instance'], '-')
}

function sqlReference(id: Element | null): Reference {
  const cluster = clusterReference(id && childOf(id, 'ClusterId'))
  const name = (id && attribute(id, 'Name'))?.trim() ?? ''
  return { key: `sql ${cluster.key}\\${name.toLowerCase()}`, id: `${cluster.id}\\${name}` }
}

function reference(kind: string, id: Element | null, names: readonly string[], separator: string): Reference {
  const text = names.map((name) => (id && attribute(id, name))?.trim() ?? '?').join(separator)
  return { key: `${kind} ${text.toLowerCase()}`, id: text }
}
