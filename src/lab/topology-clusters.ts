import type { Cluster, ClusterId, Service, Topology } from './topology.ts'
import { same } from './world.ts'

/** The cluster of a host or pool: the one that is there, or a new one at the end of its site. */
export function addCluster(topology: Topology, cluster: Omit<Cluster, 'number'>): ClusterId {
  const known = topology.clusters.find(({ fqdn }) => same(fqdn, cluster.fqdn))
  if (known) return { site: known.site, number: known.number }
  const number = topology.clusters.filter(({ site }) => site === cluster.site).length + 1
  topology.clusters.push({ ...cluster, number })
  return { site: cluster.site, number }
}

/** One more pool, as somebody publishes it whom nobody asked: `lab break topology`. */
export function addForeignPool(topology: Topology, fqdn: string): void {
  const site = topology.sites[0]?.id ?? 1
  const cluster = addCluster(topology, { site, fqdn, setup: true, machines: [`fe.${fqdn}`] })
  const next = (role: string): number =>
    Math.max(
      0,
      ...topology.services.filter((one) => one.site === site && one.role === role).map(({ instance }) => instance),
    ) + 1
  for (const role of ['UserServices', 'Registrar'])
    topology.services.push({
      ...{ site, role, instance: next(role), generation: topology.services[0]?.generation ?? 6 },
      ...{ dependsOn: [], installedOn: { cluster, sqlInstance: null }, ports: [] },
      attributes: role === 'Registrar' ? { IsDirector: 'false' } : {},
    })
}

/** Takes a pool away, with its services and whatever depends on them. */
export function removePool(topology: Topology, fqdn: string): void {
  const pool = topology.clusters.find((one) => same(one.fqdn, fqdn))
  const isHere = ({ installedOn: { cluster } }: Service): boolean =>
    cluster.site === pool?.site && cluster.number === pool.number
  const gone = topology.services.filter(isHere)
  topology.clusters = topology.clusters.filter((one) => one !== pool)
  topology.services = topology.services.filter((one) => !isHere(one))
  for (const one of topology.services)
    one.dependsOn = one.dependsOn.filter(
      ({ site, role, instance }) =>
        !gone.some((other) => other.site === site && other.role === role && other.instance === instance),
    )
}
