/** Several machines under one name: the nodes of a failover cluster, and the replicas of a group behind its listener. */
import { hostOf, same, sqlName, type LabSqlListener, type LabSqlServer, type World } from './world.ts'

/** The name of a failover cluster answers while one of its nodes runs, and as long as there is a cluster. */
export function settleClusters(world: World): void {
  for (const { facts, nodes, without = [] } of world.sqlServers) {
    const name = hostOf(world, facts.host)
    const isCarrying = (node: string): boolean => hostOf(world, node)?.powered === true && !without.includes(node)
    if (nodes && name) name.powered = !name.bare && nodes.some((node) => isCarrying(node))
  }
}

/** A node or a replica was made anew: the cluster or the group goes on without it; with the last one all of it is gone. */
export function leaveCluster(world: World, fqdn: string): void {
  for (const server of world.sqlServers) {
    const { facts, nodes = [] } = server
    const name = hostOf(world, facts.host)
    const own = nodes.find((node) => same(node, fqdn))
    if (own === undefined || !name) continue
    server.without = [...new Set([...(server.without ?? []), own])]
    if (server.without.length < nodes.length) continue
    Object.assign(name, { powered: false, bare: true })
    Object.assign(facts, { running: false, databases: [], backups: [], restores: [], faults: {} })
  }
  for (const listener of world.sqlListeners) {
    const own = listener.replicas.find((name) => same(hostPart(name), fqdn))
    if (own === undefined) continue
    listener.without = [...new Set([...(listener.without ?? []), own])]
    if (listener.without.length === listener.replicas.length) listener.gone = 'cluster'
  }
}

/** The cluster behind a name: of an instance, or of a listener. */
export function clusterBehind(
  world: World,
  name: string,
): { server: LabSqlServer; listener?: undefined } | { listener: LabSqlListener; server?: undefined } | null {
  const server = world.sqlServers.find(({ facts, nodes }) => nodes && same(sqlName(facts), name))
  const listener = world.sqlListeners.find((one) => same(listenerName(one), name))
  return server ? { server } : listener ? { listener } : null
}

/** `host` of `host\\instance`. */
export function hostPart(name: string): string {
  return name.split('\\')[0] ?? name
}

/** `host\\instance` of a listener. */
export function listenerName({ fqdn, instance }: LabSqlListener): string {
  return sqlName({ host: fqdn, instance })
}
