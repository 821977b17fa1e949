/** Which Windows services of Lync run now, and what follows from that for replicas. */
import {
  isRunning,
  same,
  sqlServerOf,
  timeIn,
  type LabHost,
  type LabPool,
  type LabService,
  type World,
} from './world.ts'

/** Services that end when the Front End pool of their machine is below its quorum. */
const needQuorum = new Set(['RTCSRV', 'RTCCAA', 'RTCASMCU'])

/** Tells of a machine whether a service runs, as the world is now. */
export function runningServices(world: World): (host: LabHost, service: string) => boolean {
  const hosts = new Map(world.hosts.map((host) => [host.fqdn.toLowerCase(), host]))
  const without = new Set(
    world.pools
      .filter((pool) => pool.type === 'front-end' && !hasQuorum(pool, (fqdn) => hosts.get(fqdn.toLowerCase())))
      .flatMap(({ servers }) => servers.map((fqdn) => fqdn.toLowerCase())),
  )
  return (host, service) =>
    isStarted(host, service) && !(needQuorum.has(service) && without.has(host.fqdn.toLowerCase()))
}

/**
 * Domain reference, section 8.4: more than half of the members that have a vote, which are the first seven of up to
 * nine and the first nine of more, unless it starts cold; where their number is even, the Back End has the deciding vote.
 */
function hasQuorum({ servers, cold }: LabPool, hostOf: (fqdn: string) => LabHost | undefined): boolean {
  if (cold) return false
  const voters = servers.length > 9 ? 9 : Math.min(servers.length, 7)
  const up = servers.slice(0, voters).filter((fqdn) => {
    const host = hostOf(fqdn)
    return host !== undefined && isStarted(host, 'RTCSRV')
  })
  return up.length >= Math.ceil(voters / 2)
}

/** The pool that a machine is a member of. */
export function poolOfMember({ pools }: World, fqdn: string): LabPool | undefined {
  return pools.find(({ servers }) => servers.some((one) => same(one, fqdn)))
}

/** Members of a pool whose Front End service is started. */
export function serversRunning(world: World, { servers }: LabPool): LabHost[] {
  const hosts = world.hosts.filter(({ fqdn }) => servers.some((one) => same(one, fqdn)))
  return hosts.filter((host) => isStarted(host, 'RTCSRV'))
}

/** A service is started, and waits for the others of its pool. */
export function waitsForQuorum(world: World, host: LabHost): boolean {
  const runs = runningServices(world)
  return host.services.some(({ name }) => isStarted(host, name) && !runs(host, name))
}

function isStarted(host: LabHost, service: string): boolean {
  return host.powered && host.services.some(({ name, running }) => name === service && running)
}

/** Services of a machine with their places in its list. */
export type TakenServices = (readonly [index: number, service: LabService])[]

export function takeServices(host: LabHost, which: (name: string) => boolean): TakenServices {
  const taken = host.services.flatMap((one, index): TakenServices => (which(one.name) ? [[index, one]] : []))
  host.services = host.services.filter(({ name }) => !which(name))
  return structuredClone(taken)
}

/** Puts services to their places, instead of those of the same names. */
export function giveServices(host: LabHost, services: TakenServices): void {
  takeServices(host, (name) => services.some(([, one]) => one.name === name))
  for (const [index, one] of services) host.services.splice(index, 0, one)
}

/** Writes down since when replicas are silent, after something changed. */
export function settleReplicas(world: World): void {
  const runs = runningServices(world)
  for (const host of world.hosts) {
    if (!host.replica) continue
    const reports = host.network !== 'cut-off' && runs(host, 'REPLICA')
    host.replica.silentSince = reports ? null : (host.replica.silentSince ?? timeIn(world))
  }
}

/** The server of the pool with the store whose Central Management services are at work; null when there is none, or no store. */
export function activeMaster(world: World): string | null {
  const runs = runningServices(world)
  const stores = world.centralManagement.map((name) => sqlServerOf(world, name))
  if (!stores.some((server) => server && isRunning(world, server))) return null
  const owner = world.pools.find(({ backEnd }) => backEnd.some((name) => world.centralManagement.includes(name)))
  const isOwn = ({ fqdn }: LabHost): boolean => !owner || owner.servers.some((one) => same(one, fqdn))
  return world.hosts.find((host) => isOwn(host) && runs(host, 'MASTER'))?.fqdn ?? null
}
