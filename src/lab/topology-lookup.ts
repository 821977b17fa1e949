/** What a topology says of who uses what. */
import type { StoreUse } from './roles.ts'
import type { Service, Topology } from './topology.ts'
import { same, sqlName } from './world.ts'

const useOfRole: Readonly<Record<string, StoreUse>> = {
  ...{ UserStore: 'user', ApplicationStore: 'application', CentralMgmtStore: 'centralManagement' },
  ...{ ArchivingStore: 'archiving', MonitoringStore: 'monitoring' },
  ...{ PersistentChatStore: 'persistentChat', PersistentChatComplianceStore: 'compliance' },
}

/** The stores that the topology puts on a SQL Server machine. */
export function storesAt(topology: Topology, fqdn: string): { service: Service; use: StoreUse }[] {
  return topology.services.flatMap((service) => {
    const use = useOfRole[service.role]
    return use && same(hostName(topology, service), fqdn) ? [{ service, use }] : []
  })
}

/** `host\instance` of a store and of its mirror: whoever uses the one is told the other, too. */
export function copiesOf(topology: Topology, { site, role, instance }: Service): string[] {
  const user = topology.services.find(({ dependsOn }) =>
    dependsOn.some((one) => one.site === site && one.role === role && one.instance === instance),
  )
  return topology.services
    .filter((service) =>
      user?.dependsOn.some(
        (one) =>
          one.site === service.site && one.role === role && service.role === role && one.instance === service.instance,
      ),
    )
    .map((service) => sqlName({ host: hostName(topology, service), instance: service.installedOn.sqlInstance ?? '' }))
}

/** `host\\instance` of each copy of the stores that a pool uses so; of a group, its listener. */
export function storesOf(topology: Topology, fqdn: string, use: StoreUse): string[] {
  const used = topology.services
    .filter((one) => same(hostName(topology, one), fqdn))
    .flatMap(({ dependsOn }) => dependsOn)
    .filter(({ role }) => useOfRole[role] === use)
  const stores = topology.services.filter((one) =>
    used.some(({ site, role, instance }) => one.site === site && one.role === role && one.instance === instance),
  )
  return stores.map((one) => sqlName({ host: hostName(topology, one), instance: one.installedOn.sqlInstance ?? '' }))
}

/** Whether setup has anything to do on a machine. */
export function isPublished({ clusters }: Topology, machine: string): boolean {
  return clusters.some(({ setup, machines }) => setup && machines.some((one) => same(one, machine)))
}

/** Whether the pool runs the services of the Central Management store. */
export function runsCentralManagement(topology: Topology, fqdn: string): boolean {
  return topology.services.some((one) => one.role === 'CentralMgmt' && same(hostName(topology, one), fqdn))
}

/** The pool whose Registrar is the backup of this one's, as the topology has it. */
export function partnerOf(topology: Topology, fqdn: string): string | null {
  const registrars = topology.services.filter(({ role }) => role === 'Registrar')
  const backup = registrars
    .find((one) => same(hostName(topology, one), fqdn))
    ?.dependsOn.find(({ usage }) => usage === 'Backup')
  const other = registrars.find(({ site, instance }) => site === backup?.site && instance === backup.instance)
  return other ? hostName(topology, other) : null
}

/** The share where a pool keeps its meetings, with the folder of its web services in it; null: it has none. */
export function fileStoreOf(topology: Topology, fqdn: string): { unc: string; folder: string } | null {
  const web = topology.services.find((one) => one.role === 'WebServices' && same(hostName(topology, one), fqdn))
  const store = fileStoreIn(topology, fqdn)
  if (!web || !store) return null
  const unc = `\\\\${hostName(topology, store)}\\${store.attributes.ShareName ?? ''}`
  return { unc, folder: `${web.site}-${web.role}-${web.instance}` }
}

/** The service by which the topology has the file store of a pool. */
export function fileStoreIn(topology: Topology, fqdn: string): Service | undefined {
  const web = topology.services.find((one) => one.role === 'WebServices' && same(hostName(topology, one), fqdn))
  const used = web?.dependsOn.find(({ role }) => role === 'FileStore')
  return topology.services.find(
    ({ site, role, instance }) => role === 'FileStore' && site === used?.site && instance === used.instance,
  )
}

/** FQDN of the pool or machine that a service is installed on. */
function hostName({ clusters }: Topology, { installedOn: { cluster } }: Service): string {
  return clusters.find(({ site, number }) => site === cluster.site && number === cluster.number)?.fqdn ?? ''
}
