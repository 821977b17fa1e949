import { onceFor } from '../../src/base/once-for.ts'
import { addSeconds, type Time } from '../../src/base/time.ts'
import { eachFact, type DatabaseFacts, type Facts } from '../../src/domain/facts.ts'
import type { Desired, Pool, SqlStore } from '../../src/domain/model.ts'
import type { Observation, Observed, Unseen } from '../../src/domain/observation.ts'
import { seen, readSource, readyLocation, unseen } from './observed.ts'

/** A small deployment as it physically is, and what the probes would see of it. It knows no verdict. */
export interface Servers {
  hosts: Map<string, Machine>
  instances: Map<string, Instance>
  shares: Map<string, Share>
  /** Whether our own network works, and whether the shell host does. */
  network: boolean
  shell: boolean
  /** Front End pools with their servers: below quorum the rest stops. */
  pools: readonly Pool[]
}

export interface Machine {
  fqdn: string
  type: Pool['type'] | null
  site: string
  powered: boolean
  /** False: nothing that we send arrives, and all others reach it. */
  reachable: boolean
  /** Name -> status. */
  services: Map<string, string>
  rolePorts: number[]
  silentSince: Time | null
}

export interface Instance {
  subject: string
  host: string
  running: boolean
  administrator: boolean
  databases: DatabaseFacts[]
  partner: string | null
  witness: string | null
}

export interface Share {
  host: string | null
  there: boolean
  folders: string[]
  entries: number
  bornAt: Time | null
}

const born = '2025-06-01T00:00:00.000Z'

/** Main services by type of pool, and its listener (domain reference, section 2.3). */
const services: Record<string, string[]> = {
  'front-end': ['RTCSRV', 'RTCCAA', 'RTCASMCU', 'FabricHostSvc', 'W3SVC', 'LYNCBACKUP', 'REPLICA'],
  'standard-edition': ['RTCSRV', 'RTCCAA', 'RTCASMCU', 'FabricHostSvc', 'W3SVC', 'REPLICA'],
  director: ['RTCSRV', 'W3SVC', 'REPLICA'],
  mediation: ['RTCMEDSRV', 'REPLICA'],
  'persistent-chat': ['PersistentChat', 'REPLICA'],
  edge: ['RTCSRV', 'REPLICA'],
}
const listeners: Record<string, number> = { mediation: 5067, 'persistent-chat': 5041 }

/** Databases by use of a store (section 2.2). */
const contents: Record<string, string[]> = {
  user: ['rtcxds', 'rtcshared', 'rtcab', 'rgsconfig', 'rgsdyn', 'cpsdyn'],
  archiving: ['LcsLog'],
  monitoring: ['LcsCDR', 'QoEMetrics'],
  persistentChat: ['mgc'],
  compliance: ['mgccomp'],
}

const nameOf = (host: string, instance: string): string => (instance === '' ? host : `${host}\\${instance}`)

/** All as it should be. */
export function healthyServers(desired: Desired): Servers {
  const machine = (fqdn: string, type: Pool['type'] | null, site: string): Machine => ({
    ...{ fqdn, type, site, powered: true, reachable: true, silentSince: null },
    services: new Map((services[type ?? ''] ?? []).map((name) => [name, 'Running'])),
    rolePorts: type === null ? [] : [listeners[type] ?? 5061],
  })
  const hosts = new Map<string, Machine>()
  for (const { type, site, servers } of desired.pools)
    for (const fqdn of servers) hosts.set(fqdn, machine(fqdn, type, site))
  const instances = new Map<string, Instance>()
  const shares = new Map<string, Share>()
  for (const store of desired.sqlStores) {
    const mode = store.highAvailability
    const places = [store, ...(mode.kind === 'mirror' ? [mode.partner] : [])].map(({ host, instance }) => ({
      host,
      subject: nameOf(host, instance),
    }))
    for (const [index, { host, subject }] of places.entries()) {
      if (!hosts.has(host)) hosts.set(host, machine(host, null, ''))
      instances.set(subject, {
        ...{ subject, host, running: true, administrator: true },
        partner: places[1 - index]?.subject ?? null,
        witness: mode.kind === 'mirror' ? mode.witness : null,
        databases: databasesOf(store, desired).map((name) => database(name, mode.kind === 'mirror' ? index : null)),
      })
    }
    if (mode.kind === 'mirror' && mode.witness !== null && !hosts.has(mode.witness))
      hosts.set(mode.witness, machine(mode.witness, null, ''))
  }
  for (const { path, serviceFolders } of desired.fileStores) {
    const host = path.split('\\')[2] ?? ''
    const isDomain = host === desired.deployment.domain
    if (!isDomain && !hosts.has(host)) hosts.set(host, machine(host, null, ''))
    const share = { there: true, folders: [...serviceFolders], entries: 40, bornAt: born }
    shares.set(path, { host: isDomain ? null : host, ...share })
  }
  return { hosts, instances, shares, network: true, shell: true, pools: desired.pools }
}

function databasesOf(store: SqlStore, { pools, deployment }: Desired): string[] {
  const uses = pools.flatMap(({ stores }) =>
    Object.entries(stores).flatMap(([use, one]) => (one.name === store.name ? [use] : [])),
  )
  const names = [...new Set(uses)].flatMap((use) => contents[use] ?? [])
  return deployment.centralManagementStore?.name === store.name ? [...names, 'xds', 'lis'] : names
}

function database(name: string, part: number | null): DatabaseFacts {
  return {
    name,
    guid: null,
    state: part === 1 ? 'RESTORING' : 'ONLINE',
    recoveryModel: part === null ? 'SIMPLE' : 'FULL',
    createdAt: born,
    mirroringRole: part === null ? null : part === 0 ? 'PRINCIPAL' : 'MIRROR',
    replicaRole: null,
    mirroringState: part === null ? null : 'SYNCHRONIZED',
  }
}

/** A machine that was made anew under its name: no Lync services, no databases, empty shares. */
export function wipe(world: Servers, fqdn: string): void {
  const host = world.hosts.get(fqdn)
  if (host) {
    host.services.clear()
    host.rolePorts = []
  }
  for (const instance of world.instances.values())
    if (instance.host === fqdn) {
      instance.databases = []
      if (host?.type === 'standard-edition') instance.running = false
    }
  for (const share of world.shares.values()) if (share.host === fqdn) Object.assign(share, { folders: [], entries: 0 })
}

/** What the probes see at `at`; `before` tells since when. */
export function observe(world: Servers, at: Time, before: Observed | null = null): Observed {
  const maps = eachFact(() => new Map<string, Observation<unknown>>())
  function record<F extends keyof Facts>(fact: F, subject: string, value: Facts[F] | Unseen): void {
    const old = before?.facts[fact].get(subject)
    const now = 'known' in value ? value : ({ known: true, value } as const)
    const kernel = fact === 'sqlInstance' ? instanceKernel : factKernel
    const isSame =
      old !== undefined &&
      old.known === now.known &&
      (!old.known || !now.known || kernel(old.value) === kernel(now.value))
    maps[fact].set(subject, { subject, at, since: isSame ? old.since : at, source: 'test', ...now })
  }
  const reaches = ({ powered, reachable }: Machine): boolean => world.network && powered && reachable
  for (const host of world.hosts.values()) {
    const isEdge = host.type === 'edge'
    const smb = isEdge ? [] : [445]
    const expected = host.type === null ? [] : [listeners[host.type] ?? 5061]
    const serving = reaches(host) ? host.rolePorts.filter(() => isServing(host, world)) : []
    const open = [...(reaches(host) ? smb : []), ...serving]
    record('ports', host.fqdn, { open, closed: [...smb, ...expected].filter((port) => !open.includes(port)) })
    if (host.type !== null && !isEdge)
      record(
        'services',
        host.fqdn,
        world.shell && host.powered ? { services: servicesOf(host, world) } : unseen('shell-call-failed'),
      )
    host.silentSince = host.powered && host.services.get('REPLICA') === 'Running' ? null : (host.silentSince ?? at)
  }
  for (const instance of world.instances.values()) {
    const host = world.hosts.get(instance.host)
    const value = host && reaches(host) && instance.running ? factsOf(instance, world) : unseen('sql-unreachable')
    record('sqlInstance', instance.subject, value)
  }
  for (const [path, share] of world.shares) {
    const host = share.host === null ? null : world.hosts.get(share.host)
    const reached = world.network && (host ? reaches(host) : true)
    const { folders, entries, bornAt } = share
    record('fileStore', path, reached && share.there ? { folders, entries, bornAt } : unseen('file-gone'))
  }
  record('replication', 'contoso', world.shell ? { replicas: replicasOf(world, at) } : unseen('shell-unreachable'))
  maps.location.set('main', seen('main', readyLocation(), at))
  maps.source.set('contoso', seen('contoso', readSource(), at))
  return { facts: maps as unknown as Observed['facts'], sets: [] }
}

const kernelOf = ({ databases }: Facts['sqlInstance']): unknown =>
  databases.map(({ name, state, createdAt, mirroringState, mirroringWitnessState }) => ({
    ...{ name, state, createdAt },
    gone: [mirroringState, mirroringWitnessState].map((one) => one === 'DISCONNECTED'),
  }))

const instanceKernel = onceFor((one: object) => JSON.stringify(kernelOf(one as Facts['sqlInstance'])))
const factKernel = onceFor((one: object) => JSON.stringify(one))

/** Services as they are now: below quorum a Front End ends its own. */
function servicesOf(host: Machine, world: Servers): Facts['services']['services'] {
  const stops = host.type === 'front-end' && !hasQuorum(host, world)
  return [...host.services].map(([name, status]) => ({
    name,
    status: stops && name === 'RTCSRV' ? 'Stopped' : status,
  }))
}

function isServing(host: Machine, world: Servers): boolean {
  const role = host.type === 'mediation' ? 'RTCMEDSRV' : host.type === 'persistent-chat' ? 'PersistentChat' : 'RTCSRV'
  return servicesOf(host, world).some(({ name, status }) => name === role && status === 'Running')
}

/** Three members: any two (section 8.4). The worlds of these tests have no other size. */
function hasQuorum(host: Machine, { pools, hosts }: Servers): boolean {
  const pool = pools.find(({ servers }) => servers.includes(host.fqdn))
  const up = pool?.servers.filter((fqdn) => {
    const member = hosts.get(fqdn)
    return member?.powered === true && member.services.get('RTCSRV') === 'Running'
  })
  return (up?.length ?? 0) >= Math.min(2, pool?.servers.length ?? 0)
}

function factsOf(instance: Instance, world: Servers): Facts['sqlInstance'] {
  const partner = instance.partner === null ? null : world.instances.get(instance.partner)
  const other = partner ? world.hosts.get(partner.host) : undefined
  const witness = instance.witness === null ? undefined : world.hosts.get(instance.witness)
  return {
    ...{ version: '12.0.6024.0', edition: 'Standard Edition', machine: instance.host },
    administrator: instance.administrator,
    databases: instance.databases.map((one) => {
      if (one.mirroringRole === null) return one
      const copy = partner?.databases.find(({ name, mirroringRole }) => name === one.name && mirroringRole !== null)
      const isLinked = other?.powered === true && partner?.running === true && copy !== undefined
      const witnessed = witness === undefined ? null : witness.powered ? 'CONNECTED' : 'DISCONNECTED'
      return {
        ...one,
        mirroringState: isLinked ? (one.mirroringState ?? null) : 'DISCONNECTED',
        mirroringPartner: instance.partner,
        mirroringWitnessState: witnessed,
      }
    }),
  }
}

/** With a witness the partner becomes principal when the principal is gone. */
export function failOver(world: Servers): void {
  for (const instance of world.instances.values()) {
    const partner = instance.partner === null ? undefined : world.instances.get(instance.partner)
    if (!partner || instance.witness === null || isUp(partner, world) || !isUp(instance, world)) continue
    if (world.hosts.get(instance.witness)?.powered !== true) continue
    for (const one of instance.databases) if (one.mirroringRole === 'MIRROR') turn(one, 'PRINCIPAL')
    for (const one of partner.databases) if (one.mirroringRole === 'PRINCIPAL') turn(one, 'MIRROR')
  }
}

function isUp({ host, running }: Instance, { hosts }: Servers): boolean {
  return running && hosts.get(host)?.powered === true
}

function turn(one: DatabaseFacts, role: 'PRINCIPAL' | 'MIRROR'): void {
  Object.assign(one, { mirroringRole: role, state: role === 'MIRROR' ? 'RESTORING' : 'ONLINE' })
}

function replicasOf({ hosts }: Servers, at: Time): Facts['replication']['replicas'] {
  return [...hosts.values()]
    .filter(({ type }) => type !== null)
    .map(({ fqdn, silentSince }) => ({
      ...{ fqdn, upToDate: silentSince === null },
      lastStatusReport: silentSince === null ? at : addSeconds(silentSince, -1),
      lastUpdateCreation: null,
    }))
}
