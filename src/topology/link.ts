import type { Cluster, Dangling, Service, Site, SqlInstance, TopologyDocument } from './document.ts'

/** A reference as a carrier writes it: the key is compared, the id is shown. */
export interface Reference {
  key: string
  id: string
}

/** The parts of a document before their references are followed. Keys are unique among all clusters and SQL instances. */
export interface Parts {
  sites: (Site & { key: string })[]
  clusters: (Omit<Cluster, 'site'> & { key: string; site: Reference })[]
  sqlInstances: (Omit<SqlInstance, 'cluster'> & { key: string; cluster: Reference })[]
  services: (Omit<Service, 'cluster' | 'sqlInstance' | 'dependencies'> & {
    key: string
    installedOn: Reference
    dependencies: { usage: string; on: Reference }[]
  })[]
}

type Linked = Pick<TopologyDocument, 'sites' | 'clusters' | 'sqlInstances' | 'services' | 'dangling'>

/** Follows every reference. What leads nowhere is listed, and the rest goes on (topology format, section 9, trap 8). */
export function link(parts: Parts): Linked {
  const dangling: Dangling[] = []
  const sites = new Map(parts.sites.map(({ key, ...site }) => [key, site]))
  const siteOf = ({ key, id }: Reference): Site => {
    const site = sites.get(key) ?? { name: `Site ${id}`, remote: false }
    sites.set(key, site)
    return site
  }
  const clusters = byKey(parts.clusters, ({ key: _, site, ...cluster }) => ({ ...cluster, site: siteOf(site) }))
  const sqlInstances = byKey(parts.sqlInstances, ({ key: _, cluster, ...instance }) => {
    const host = clusters.get(cluster.key) ?? null
    if (!host) dangling.push({ role: 'SqlInstance', from: instance.id, to: cluster.id })
    return { ...instance, cluster: host }
  })
  const services = byKey(parts.services, ({ key: _, installedOn, dependencies: _references, ...service }): Service => {
    const cluster = clusters.get(installedOn.key) ?? null
    const sqlInstance = sqlInstances.get(installedOn.key) ?? null
    if (!cluster && !sqlInstance) dangling.push({ role: service.role, from: service.id, to: installedOn.id })
    return { ...service, cluster, sqlInstance, dependencies: [] }
  })
  for (const { key, dependencies } of parts.services) {
    const service = services.get(key)
    if (!service || service.dependencies.length > 0) continue
    for (const { usage, on } of dependencies) {
      const target = services.get(on.key)
      if (target) service.dependencies.push({ usage, on: target })
      else dangling.push({ role: service.role, from: service.id, to: on.id })
    }
  }
  return {
    sites: [...sites.values()],
    clusters: [...clusters.values()],
    sqlInstances: [...sqlInstances.values()],
    services: [...services.values()],
    dangling,
  }
}

/** Of two parts with one key the first counts. */
function byKey<P extends { key: string }, T>(parts: readonly P[], make: (part: P) => T): Map<string, T> {
  const made = new Map<string, T>()
  for (const part of parts) if (!made.has(part.key)) made.set(part.key, make(part))
  return made
}
