import { randomUUID } from 'node:crypto'
import { Problem } from '../base/problem.ts'
import type { Break } from './break.ts'
import { databasesOf } from './roles.ts'
import { giveServices, takeServices, type TakenServices } from './services.ts'
import {
  same,
  sqlName,
  sqlServerOf,
  timeIn,
  type LabBackupModule,
  type LabHost,
  type LabPool,
  type World,
} from './world.ts'

const isMaster = (name: string): boolean => name === 'MASTER' || name === 'FTA'
const databases = Object.keys(databasesOf.centralManagement)

interface Before {
  /** FQDN -> services that the machine had. */
  services: Record<string, TakenServices>
  stores: string[]
  location: string
  /** Pools whose backup service exported the store. */
  exporting: string[]
}

export const centralManagement: Break = {
  kind: 'central-management',
  details: ['elsewhere', 'no-master'],
  does: 'Of the deployment: elsewhere: its Central Management store was moved to the Back End of another pool, and Active Directory says so. no-master: the services that replicate the configuration are stopped everywhere.',
  subjects: ({ world }) => [world.deployment],
  apply({ world }, deployment, detail): Before {
    const { centralManagement: stores, storeLocation: location } = world
    const target = detail === 'elsewhere' ? otherPool(world, deployment) : null
    const owners = world.hosts.filter((host) => host.services.some(({ name }) => isMaster(name)))
    const services = Object.fromEntries(owners.map((host) => [host.fqdn, takeServices(host, isMaster)]))
    const exporting = world.pools.filter((pool) => masterOf(pool)?.exported !== neverExported).map(({ fqdn }) => fqdn)
    if (target) moveStore(world, target)
    else for (const host of owners) giveServices(host, stopped(services[host.fqdn] ?? []))
    return { services, stores, location, exporting }
  },
  repair({ world }, _deployment, before) {
    const { services, stores, location, exporting } = before as Before
    for (const host of world.hosts) {
      const own = services[host.fqdn]
      if (own) giveServices(host, own)
      else takeServices(host, isMaster)
    }
    for (const name of world.centralManagement.filter((one) => !stores.includes(one))) {
      const facts = sqlServerOf(world, name)?.facts
      if (facts) facts.databases = facts.databases.filter((one) => !databases.includes(one.name))
    }
    Object.assign(world, { centralManagement: stores, storeLocation: location })
    exportFrom(world, exporting)
  },
}

function stopped(services: TakenServices): TakenServices {
  return services.map(([index, one]) => [index, { ...one, running: false }])
}

function otherPool(world: World, deployment: string): LabPool {
  const found = world.pools.find(
    ({ backEnd }) => backEnd.length > 0 && !backEnd.some((name) => world.centralManagement.includes(name)),
  )
  if (found) return found
  throw new Problem('lab-break-impossible', {
    subject: deployment,
    message: 'This deployment has no other Back End that the store could be moved to.',
    hint: 'Build the lab from a desired state with two pools that have users.',
  })
}

/** The old databases stay where they were, as they do in life. */
function moveStore(world: World, target: LabPool): void {
  const old = sqlServerOf(world, world.centralManagement[0] ?? '')?.facts.databases ?? []
  const createdAt = timeIn(world)
  for (const source of old.filter(({ name }) => databases.includes(name))) {
    const guid = randomUUID()
    for (const name of target.backEnd) {
      const facts = sqlServerOf(world, name)?.facts
      const [neighbour] = facts?.databases ?? []
      if (!facts || !neighbour) continue
      const { state, recoveryModel, mirroring, availabilityGroup } = structuredClone(neighbour)
      facts.databases.push({
        ...structuredClone(source),
        ...{ guid, createdAt, state, recoveryModel, mirroring, availabilityGroup },
      })
    }
  }
  const listener = world.sqlListeners.find(({ replicas }) => replicas.some((name) => target.backEnd.includes(name)))
  world.storeLocation = listener
    ? sqlName({ host: listener.fqdn, instance: listener.instance })
    : (target.backEnd[0] ?? '')
  world.centralManagement = [...target.backEnd]
  for (const host of world.hosts.filter(({ fqdn }) => target.servers.some((one) => same(one, fqdn)))) install(host)
  exportFrom(world, [target.fqdn])
}

const neverExported = 'NotInitialized'

function masterOf({ backupModules }: LabPool): LabBackupModule | undefined {
  return backupModules.find(({ name }) => name === 'CentralMgmt.CMSMaster')
}

/** Only the pool with the store exports it to its partner (domain reference, section 7.6). */
function exportFrom({ pools }: World, exporting: readonly string[]): void {
  for (const pool of pools) {
    const master = masterOf(pool)
    if (master) master.exported = exporting.includes(pool.fqdn) ? 'FinalState' : neverExported
  }
}

function install({ services }: LabHost): void {
  for (const name of ['MASTER', 'FTA']) services.push({ name, running: true })
}
