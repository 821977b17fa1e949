import type { Product, StoreRole } from '../domain/model.ts'
import { chooseStore } from './choice.ts'
import type { Cluster, Service } from './document.ts'
import type { FileStores } from './file-stores.ts'
import type { Member } from './members.ts'
import { distinctNames, isHostName, type Names } from './names.ts'
import { findPairs } from './pairs.ts'
import { applicationsOf, isRole, newestProduct, newestVersion, productOfVersionNumber } from './roles.ts'
import type { SqlStores } from './sql-stores.ts'
import { oneLine } from './text.ts'
import type { TopologyPool } from './topology.ts'
import type { Warning } from './warning.ts'

interface Stores {
  sql: SqlStores
  files: FileStores
}

/** The pools with everything they refer to by name (topology format, sections 5, 6 and 10). */
export function interpretPools(
  members: readonly Member[],
  { sql, files }: Stores,
  names: Names,
  warnings: Warning[],
): TopologyPool[] {
  const servers = seats(members, names, warnings)
  const seatless = new Set(members.filter((member) => servers.get(member)?.length === 0))
  for (const member of seatless) warnings.push(noSeat(member))
  const pairs = findPairs(
    members.filter((member) => !seatless.has(member)),
    warnings,
  )
  return members.map((member) => {
    const { fqdn, cluster, services } = member
    const seated = servers.get(member) ?? []
    const type = seatless.has(member) ? 'unsupported' : member.type
    const common = { fqdn, site: oneLine(cluster.site.name) || 'unnamed', type, servers: seated }
    if (type === 'unsupported')
      return { ...common, product: null, applications: [], stores: {}, fileStore: null, pairedWith: null }
    return {
      ...common,
      product: productOf(member, warnings),
      applications: applicationsOf(services.filter((service) => isRole(service, 'ApplicationServer'))),
      externalNames: distinctNames(services.flatMap(({ externalNames }) => externalNames).filter(isHostName)),
      stores: storesOf(member, sql, warnings),
      fileStore: files.nameOf(chosen(member, 'file', warnings)),
      pairedWith: pairs.get(member)?.fqdn ?? null,
    }
  })
}

/** A machine belongs to one pool; a Standard Edition pool is its own and only one. */
function seats(members: readonly Member[], names: Names, warnings: Warning[]): Map<Member, string[]> {
  const taken = new Map<string, Member>()
  const servers = new Map<Member, string[]>()
  const standardFirst = [...members].sort((a, b) => rank(a) - rank(b))
  for (const member of standardFirst) {
    const own = member.type === 'standard-edition' ? [member.fqdn] : machinesOf(member.cluster, names)
    const free = own.filter((server) => {
      const owner = taken.get(server.toLowerCase())
      if (owner) warnings.push(secondSeat(server, owner, member))
      else taken.set(server.toLowerCase(), member)
      return !owner
    })
    servers.set(member, free)
  }
  return servers
}

function rank({ type }: Member): number {
  if (type === 'standard-edition') return 0
  return type === 'unsupported' || type === 'trusted-application' ? 2 : 1
}

function machinesOf(cluster: Cluster, names: Names): string[] {
  const machines = cluster.machines.length > 0 ? cluster.machines : [cluster.fqdn]
  const usable = distinctNames(machines.flatMap((machine) => names.host(machine) ?? []))
  return usable.length > 0 ? usable : [names.host(cluster.fqdn) ?? []].flat()
}

const roles = ['user', 'archiving', 'monitoring', 'persistentChat', 'compliance'] as const

function storesOf(member: Member, sql: SqlStores, warnings: Warning[]): Partial<Record<StoreRole, string>> {
  const stores: Partial<Record<StoreRole, string>> = {}
  for (const role of roles) {
    const name = sql.nameOf(chosen(member, role, warnings))
    if (name !== null) stores[role] = name
  }
  return stores
}

/** The one store of a kind; two that could be meant are reported, and none is taken (10.9). */
function chosen(member: Member, kind: StoreRole | 'file', warnings: Warning[]): Service | null {
  const { store, ambiguous } = chooseStore(member.services, kind)
  if (store === null && ambiguous.length > 0) {
    const hosts = ambiguous.map(({ cluster, sqlInstance }) => (cluster ?? sqlInstance?.cluster)?.fqdn ?? '?')
    warnings.push({
      code: 'import-ambiguous',
      message: `Pool ${member.fqdn} has more than one ${ambiguous[0]?.role ?? ''}, which is ambiguous: ${hosts.sort().join(', ')}. The reference was left out; add it by hand.`,
    })
  }
  return store
}

function productOf({ fqdn, version }: Member, warnings: Warning[]): Product | null {
  if (version === null) {
    warnings.push({
      code: 'import-unknown-version',
      message: `The document does not give the ServiceVersion of pool ${fqdn}.`,
    })
    return null
  }
  if (version > newestVersion)
    warnings.push({
      code: 'import-unknown-version',
      message: `Pool ${fqdn} is of ServiceVersion ${version}, which is newer than any known one; it was taken to be ${newestProduct}. Check its product.`,
    })
  return productOfVersionNumber(version)
}

function secondSeat(server: string, owner: Member, member: Member): Warning {
  return {
    code: 'import-ambiguous',
    message: `${server} is in two pools, ${owner.fqdn} and ${member.fqdn}, which is ambiguous: it was left to the first.`,
  }
}

function noSeat({ fqdn }: Member): Warning {
  return {
    code: 'import-ambiguous',
    message: `Pool ${fqdn} has no server of its own: which pool is meant is ambiguous, and it was listed as unsupported. Nothing of it is backed up.`,
  }
}
