/** The stores of a topology as Topology Builder changes them: with a mirror, and without. */
import { addCluster } from './topology-clusters.ts'
import type { Service, ServiceId, Topology } from './topology.ts'
import { same, sqlName } from './world.ts'

/** Leaves of each mirrored store that is on this instance (`host\\instance`) only what is here. */
export function leaveAlone(topology: Topology, name: string): void {
  for (const own of storesOn(topology, name)) {
    const users = topology.services.filter(({ dependsOn }) => dependsOn.some((one) => isSame(one, own)))
    const others = users.flatMap(({ dependsOn }) =>
      dependsOn.filter((one) => one.role === own.role && !isSame(one, own)),
    )
    for (const user of users)
      user.dependsOn = user.dependsOn
        .filter((one) => !others.some((other) => isSame(other, one)))
        .map((one) => (isSame(one, own) ? { ...one, usage: 'Default' } : one))
    topology.services = topology.services.filter((one) => !others.some((other) => isSame(other, one)))
  }
}

/** Gives each store on an instance that has no mirror one on another instance. */
export function addMirror(topology: Topology, name: string, mirror: string): void {
  for (const own of storesOn(topology, name)) {
    const users = topology.services.filter(({ dependsOn }) => dependsOn.some((one) => isSame(one, own)))
    if (users.some(({ dependsOn }) => dependsOn.filter(({ role }) => role === own.role).length > 1)) continue
    const made = placed(topology, own, mirror)
    for (const user of users) {
      const { site, role, instance } = made
      user.dependsOn.push({ site, role, instance, usage: 'Mirror' })
    }
  }
}

/** The Central Management services of a pool, with their store on these instances, take the place of those that were. */
export function moveCentralManagement(topology: Topology, pool: string, stores: readonly string[]): void {
  const isOld = ({ role }: ServiceId): boolean => role === 'CentralMgmt' || role === 'CentralMgmtStore'
  const [old] = topology.services.filter(({ role }) => role === 'CentralMgmt')
  const [store] = topology.services.filter(({ role }) => role === 'CentralMgmtStore')
  const cluster = topology.clusters.find(({ fqdn }) => same(fqdn, pool))
  if (!old || !store || !cluster) return
  const { site, number } = cluster
  const files = topology.services
    .filter(
      ({ role, installedOn }) =>
        role === 'UserServices' && installedOn.cluster.number === number && installedOn.cluster.site === site,
    )
    .flatMap(({ dependsOn }) => dependsOn.filter(({ role }) => role === 'FileStore'))
  topology.services = topology.services.filter((one) => !isOld(one))
  const made = stores.map((name) => placed(topology, { ...store, site }, name))
  topology.services.push({
    ...{ ...old, site, installedOn: { cluster: { site, number }, sqlInstance: null } },
    dependsOn: [
      ...made.map(({ site, role, instance }, index) => ({
        site,
        role,
        instance,
        usage: index === 0 ? 'Default' : 'Mirror',
      })),
      ...files,
    ],
  })
}

/** A further service of the same role and site, on another instance. */
function placed(topology: Topology, { site, role, generation }: Service, name: string): Service {
  const [host = '', sqlInstance = ''] = name.split('\\')
  const numbers = topology.services.filter((one) => one.site === site && one.role === role)
  const made: Service = {
    ...{ site, role, generation, instance: Math.max(0, ...numbers.map(({ instance }) => instance)) + 1 },
    ...{ dependsOn: [], ports: [], attributes: {} },
    installedOn: { cluster: addCluster(topology, { site, fqdn: host, setup: false, machines: [host] }), sqlInstance },
  }
  const { cluster } = made.installedOn
  const isKnown = topology.sqlInstances.some(
    (one) => one.cluster.site === cluster.site && one.cluster.number === cluster.number && same(one.name, sqlInstance),
  )
  if (!isKnown) topology.sqlInstances.push({ name: sqlInstance, cluster, primaryNode: null })
  topology.services.push(made)
  return made
}

function storesOn({ services, clusters }: Topology, name: string): Service[] {
  return services.filter(({ installedOn: { cluster, sqlInstance } }) => {
    const host = clusters.find((one) => one.site === cluster.site && one.number === cluster.number)?.fqdn ?? ''
    return sqlInstance !== null && same(sqlName({ host, instance: sqlInstance }), name)
  })
}

function isSame(a: ServiceId, b: ServiceId): boolean {
  return a.site === b.site && a.role === b.role && a.instance === b.instance
}
