import { Problem } from '../base/problem.ts'
import type { Break } from './break.ts'
import {
  centralDatabases,
  exportFrom,
  isMaster,
  masterOf,
  neverExported,
  stopMasters,
  useStoreOf,
} from './central-store.ts'
import { giveServices, takeServices, type TakenServices } from './services.ts'
import type { SqlDatabase } from './sql/facts.ts'
import { partnerOf } from './topology-lookup.ts'
import { same, sqlServerOf, type LabPool, type World } from './world.ts'

interface Before {
  /** FQDN -> services that the machine had. */
  services: Record<string, TakenServices>
  stores: string[]
  location: string
  /** Pools whose backup service exported the store. */
  exporting: string[]
  /** `host\\instance` -> the databases of the store that were there. */
  databases: Record<string, SqlDatabase[]>
}

export const centralManagement: Break = {
  kind: 'central-management',
  details: ['elsewhere', 'no-master', 'both'],
  does: 'Of the deployment: elsewhere: its Central Management store was moved to the Back End of another pool, and Active Directory says so. no-master: the services that replicate the configuration are stopped everywhere. both: it was failed over to the paired pool while the old one ran, and the old one did not stop: both replicate and export their own.',
  subjects: ({ world }) => [world.deployment],
  apply({ world }, deployment, detail): Before {
    const { centralManagement: stores, storeLocation: location } = world
    const exporting = world.pools.filter((pool) => masterOf(pool)?.exported !== neverExported).map(({ fqdn }) => fqdn)
    const target =
      detail === 'no-master' ? null : detail === 'both' ? paired(world, deployment) : other(world, deployment)
    const services = Object.fromEntries(
      world.hosts.flatMap((host) => {
        const taken = takeServices(host, isMaster)
        giveServices(host, taken)
        return taken.length === 0 ? [] : [[host.fqdn, taken]]
      }),
    )
    const databases = Object.fromEntries(
      (target?.backEnd ?? []).map((name) => [name, structuredClone(held(world, name))]),
    )
    if (detail === 'elsewhere') for (const host of world.hosts) takeServices(host, isMaster)
    if (target) useStoreOf(world, target)
    else stopMasters(world)
    if (target) exportFrom(world, [target.fqdn, ...(detail === 'both' ? exporting : [])])
    return { services, stores, location, exporting, databases }
  },
  repair({ world }, _deployment, before) {
    const { services, stores, location, exporting, databases } = before as Before
    for (const host of world.hosts) {
      takeServices(host, isMaster)
      giveServices(host, services[host.fqdn] ?? [])
    }
    for (const [name, own] of Object.entries(databases)) {
      const facts = sqlServerOf(world, name)?.facts
      if (facts) facts.databases = [...facts.databases.filter((one) => !isCentral(one)), ...own]
    }
    Object.assign(world, { centralManagement: stores, storeLocation: location })
    exportFrom(world, exporting)
  },
}

const isCentral = ({ name }: SqlDatabase): boolean => centralDatabases.includes(name)

function held(world: World, name: string): SqlDatabase[] {
  return sqlServerOf(world, name)?.facts.databases.filter(isCentral) ?? []
}

function other(world: World, deployment: string): LabPool {
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

/** The pool that is paired with the one that has the store. */
function paired(world: World, deployment: string): LabPool {
  const own = world.pools.find(({ backEnd }) => backEnd.some((name) => world.centralManagement.includes(name)))
  const partner = own === undefined ? null : partnerOf(world.topology, own.fqdn)
  const found = world.pools.find(({ fqdn }) => same(fqdn, partner ?? ''))
  if (found) return found
  throw new Problem('lab-break-impossible', {
    subject: deployment,
    message: 'The pool with the Central Management store is not paired.',
    hint: 'Build the lab from a desired state in which it is.',
  })
}
