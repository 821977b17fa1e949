import type { PoolType } from '../domain/model.ts'
import { chooseStore } from './choice.ts'
import type { Cluster, Service, TopologyDocument } from './document.ts'
import type { Names } from './names.ts'
import { isPersistentChatServer, isRole, lastUnsupported } from './roles.ts'
import type { Warning } from './warning.ts'

/** A cluster that is a pool, with its services and what kind of pool they make. */
export interface Member {
  cluster: Cluster
  fqdn: string
  services: readonly Service[]
  type: PoolType
  version: number | null
}

/** The pools among the clusters, and notes on the hosts that are none (topology format, sections 5 and 10.1). */
export function findPools(document: TopologyDocument, names: Names, warnings: Warning[]): Member[] {
  const installed = Map.groupBy(document.services, ({ cluster }) => cluster)
  const withSql = new Set(document.sqlInstances.map(({ cluster }) => cluster))
  const pools = new Map<string, Member>()
  for (const cluster of document.clusters) {
    const services = installed.get(cluster) ?? []
    const type = poolTypeOf(cluster, services)
    if (type === null) {
      if (!withSql.has(cluster) && !services.some((service) => isRole(service, 'FileStore')))
        warnings.push(noResource(cluster, services))
      continue
    }
    const fqdn = names.host(cluster.fqdn)
    if (fqdn === null) continue
    if (pools.has(fqdn.toLowerCase())) warnings.push(twice(fqdn))
    else pools.set(fqdn.toLowerCase(), { cluster, fqdn, services, type, version: versionOf(services) })
    if (type === 'unsupported') warnings.push(unsupported(fqdn, services))
  }
  return [...pools.values()].sort((a, b) => (a.fqdn.toLowerCase() < b.fqdn.toLowerCase() ? -1 : 1))
}

function poolTypeOf(cluster: Cluster, services: readonly Service[]): PoolType | null {
  const has = (role: string): boolean => services.some((service) => isRole(service, role))
  const ours = ['UserServices', 'Registrar', 'EdgeServer', 'MediationServer'].some(has)
  const version = versionOf(services)
  if (ours && version !== null && version <= lastUnsupported) return 'unsupported'
  if (has('ExternalServer') && !ours) return 'trusted-application'
  if (!(cluster.requiresSetup ?? ours)) return null
  if (version !== null && version <= lastUnsupported) return 'unsupported'
  if (has('UserServices')) return editionOf(cluster, services)
  if (has('Registrar')) return cluster.site.remote ? 'survivable-branch' : 'director'
  if (has('EdgeServer')) return 'edge'
  if (services.some(isPersistentChatServer)) return 'persistent-chat'
  return has('MediationServer') ? 'mediation' : 'unsupported'
}

/** Standard Edition holds its own user store; the number of machines decides nothing (section 5). */
function editionOf(cluster: Cluster, services: readonly Service[]): PoolType {
  const { store, ambiguous } = chooseStore(services, 'user')
  const own = [store, ...ambiguous].some((candidate) => candidate?.sqlInstance?.cluster === cluster)
  return own && new Set(cluster.machines.map((name) => name.toLowerCase())).size <= 1 ? 'standard-edition' : 'front-end'
}

/** The product generation of a pool: that of its Registrar, else of its Edge or Mediation service, else the newest. */
function versionOf(services: readonly Service[]): number | null {
  for (const role of ['Registrar', 'EdgeServer', 'MediationServer']) {
    const service = services.find((candidate) => isRole(candidate, role))
    if (service) return service.version
  }
  const versions = services.flatMap(({ version }) => (version === null ? [] : [version]))
  return versions.length === 0 ? null : Math.max(...versions)
}

function noResource(cluster: Cluster, services: readonly Service[]): Warning {
  const roles = rolesOf(services)
  return {
    code: 'import-no-resource',
    message: `${cluster.fqdn} (${roles}) is not a pool and holds no store: nothing of it is backed up, so it did not become a resource.`,
  }
}

function unsupported(fqdn: string, services: readonly Service[]): Warning {
  const version = versionOf(services)
  const why =
    version !== null && version <= lastUnsupported
      ? `is of ServiceVersion ${version} (Lync Server 2010 or older)`
      : `has no role that Holdfast knows (${rolesOf(services)})`
  return {
    code: 'import-unsupported',
    message: `Pool ${fqdn} ${why}: it is listed as unsupported and needs no backup.`,
  }
}

function twice(fqdn: string): Warning {
  return {
    code: 'import-ambiguous',
    message: `Two pools have the name ${fqdn}: ambiguous, only the first was imported.`,
  }
}

function rolesOf(services: readonly Service[]): string {
  return services.length === 0 ? 'no role' : [...new Set(services.map(({ role }) => role))].join(', ')
}
