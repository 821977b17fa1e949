/** What goes wrong in Lync itself: services, replication, patches, pairing, DHCP. */
import type { Bench, Break } from './break.ts'
import { sipServerOption } from './dhcp.ts'
import { giveServices, takeServices, type TakenServices } from './services.ts'
import { publish, unpublish } from './topology-file.ts'
import { hostOf, same, type LabPool, type LabReplica, type World } from './world.ts'

export const service: Break = {
  kind: 'service',
  details: ['stopped', 'missing', 'only-replica'],
  does: 'Of the service that makes the role of the machine: stopped: it does not run, and its ports are closed. missing: it is not installed. only-replica: of all services only REPLICA is installed, as after the first step of setup.',
  subjects: ({ world }) => world.hosts.filter(({ services }) => services.length > 0).map(({ fqdn }) => fqdn),
  apply({ world }, fqdn, detail): TakenServices {
    const host = hostOf(world, fqdn)
    const main = host?.services[0]?.name
    if (!host) return []
    if (detail === 'only-replica') return takeServices(host, (name) => name !== 'REPLICA')
    const taken = takeServices(host, (name) => name === main)
    if (detail === 'stopped')
      giveServices(
        host,
        taken.map(([index, one]) => [index, { ...one, running: false }]),
      )
    return taken
  },
  repair({ world }, fqdn, before) {
    const host = hostOf(world, fqdn)
    if (host) giveServices(host, before as TakenServices)
  },
}

/** Something that the Central Management store knows of a machine's replica. */
function ofReplica(base: Pick<Break, 'kind' | 'details' | 'does'>, change: (replica: LabReplica) => void): Break {
  return {
    ...base,
    subjects: ({ world }) => world.hosts.filter((host) => host.replica !== null).map(({ fqdn }) => fqdn),
    apply({ world }, fqdn) {
      const before = hostOf(world, fqdn)?.replica ?? null
      const after = structuredClone(before)
      if (after) change(after)
      setReplica(world, fqdn, after)
      return structuredClone(before)
    },
    repair({ world }, fqdn, before) {
      setReplica(world, fqdn, before as LabReplica | null)
    },
  }
}

function setReplica(world: Bench['world'], fqdn: string, replica: LabReplica | null): void {
  const host = hostOf(world, fqdn)
  if (host) host.replica = replica
}

export const replica = ofReplica(
  {
    kind: 'replica',
    details: ['late'],
    does: 'The last change of the configuration has not come to this machine; its replica reports all the same.',
  },
  (one) => {
    one.upToDate = false
  },
)

export const patch = ofReplica(
  { kind: 'patch', details: ['behind'], does: 'The machine has no cumulative update.' },
  (one) => {
    one.productVersion = one.productVersion.replace(/\d+$/, '0')
  },
)

const exportedWhen: Readonly<Record<string, string>> = { error: 'ErrorState', backlog: 'NonSteadyState' }

export const pairing: Break = {
  kind: 'pairing',
  details: ['error', 'backlog', 'unpaired'],
  does: 'Of a paired pool: error: its backup service cannot export user data. backlog: it cannot keep up with the changes. unpaired: somebody published a topology in which it has no backup pool any more.',
  subjects: ({ world }) => world.pools.filter(({ backupModules }) => backupModules.length > 0).map(({ fqdn }) => fqdn),
  accepts: isBrokenNow('pairing'),
  apply(bench, fqdn, detail) {
    const pool = bench.world.pools.find((one) => same(one.fqdn, fqdn))
    const modules = structuredClone(pool?.backupModules ?? [])
    const [userData] = pool?.backupModules ?? []
    if (detail !== 'unpaired') {
      if (userData) userData.exported = exportedWhen[detail] ?? ''
      return { modules, topology: null }
    }
    if (pool) pool.backupModules = []
    const topology = publish(bench, ({ services, clusters }) => {
      const cluster = clusters.find((one) => same(one.fqdn, fqdn))
      for (const one of services)
        if (one.installedOn.cluster.site === cluster?.site && one.installedOn.cluster.number === cluster.number)
          one.dependsOn = one.dependsOn.filter(({ usage }) => usage !== 'Backup')
    })
    return { modules, topology }
  },
  repair(bench, fqdn, before) {
    const { modules, topology } = before as { modules: LabPool['backupModules']; topology: unknown }
    const pool = bench.world.pools.find((one) => same(one.fqdn, fqdn))
    if (pool) pool.backupModules = modules
    if (topology !== null) unpublish(bench, topology)
  },
}

/** A subject that is no longer listed while it is broken. */
function isBrokenNow(kind: string): NonNullable<Break['accepts']> {
  return ({ world }, subject) => world.changes.some((change) => change.kind === kind && same(change.subject, subject))
}

export const dhcp: Break = {
  kind: 'dhcp',
  details: ['changed'],
  does: 'Option 120 of the DHCP server leads phones to a pool that is no more.',
  subjects: ({ world }) => world.dhcpServers.map(({ fqdn }) => fqdn),
  apply({ world }, subject) {
    const option = world.dhcpServers.find(({ fqdn }) => same(fqdn, subject))?.options.find(({ id }) => id === 120)
    const before = option?.value ?? null
    if (option) option.value = sipServerOption('retired.contoso.com')
    return before
  },
  repair({ world }, subject, before) {
    const option = world.dhcpServers.find(({ fqdn }) => same(fqdn, subject))?.options.find(({ id }) => id === 120)
    if (option) option.value = before as string[]
  },
}

export const simpleUrl: Break = {
  kind: 'simple-url',
  details: ['changed'],
  does: 'Meetings have another address.',
  subjects: ({ world }) => [world.deployment],
  apply({ world }) {
    const before = structuredClone(world.simpleUrls)
    for (const one of world.simpleUrls ?? []) if (one.component === 'Meet') one.url = `https://join.${one.domain}`
    return before
  },
  repair({ world }, _subject, before) {
    world.simpleUrls = before as NonNullable<World['simpleUrls']>
  },
}
