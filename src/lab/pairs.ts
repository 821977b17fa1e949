/**
 * What the backup service of a pair carries from one pool to the other, and what becomes of it ("Front End pool disaster
 * recovery", "Failing over and failing back a pool", "Restoring conference contents using the Backup Service").
 */
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addSeconds } from '../base/time.ts'
import type { Bench } from './break.ts'
import { conferenceDirectoriesIn, seedOf, setRows, usersIn } from './content.ts'
import { runningServices, serversRunning } from './services.ts'
import { CmdletError, databaseIn, findDatabase } from './shell-view.ts'
import { localPath } from './shares.ts'
import { newDatabase, type SqlDatabase } from './sql/facts.ts'
import { fileStoreOf, partnerOf } from './topology-lookup.ts'
import { setUsers } from './user-store.ts'
import { hostOf, same, timeIn, type KeptRows, type LabPool, type World } from './world.ts'

/** Users sign in to the pool itself. */
export function isServedHere({ poolState = 'Active' }: LabPool): boolean {
  return poolState === 'Active'
}

/** Every few minutes, of each pool that serves: what its partner has of it. */
export function replicatePairs(world: World): void {
  for (const pool of world.pools) {
    if (pool.backupModules.length === 0 || !isServedHere(pool) || isBroken(pool)) continue
    const partner = partnerIn(world, pool)
    if (!partner || !carries(world, pool) || !carries(world, partner)) continue
    const [users, directories] = ['rtcxds', 'rtcshared'].map((name) => kept(open(world, pool, name)))
    pool.atPartner = { users: users ?? null, directories: directories ?? null, contacts: pool.newContacts?.here ?? 0 }
  }
}

function isBroken({ backupModules: [userData] }: LabPool): boolean {
  return userData?.exported === 'ErrorState' || userData?.imported === 'ErrorState'
}

/** Its backup service runs, and its databases can be opened. */
function carries(world: World, pool: LabPool): boolean {
  const runs = runningServices(world)
  const hosts = pool.servers.map((fqdn) => hostOf(world, fqdn))
  return (
    hosts.some((host) => host !== undefined && runs(host, 'LYNCBACKUP')) && open(world, pool, 'rtcxds') !== undefined
  )
}

function open(world: World, { backEnd }: LabPool, name: string): SqlDatabase | undefined {
  return findDatabase(world, backEnd, name, (host) => host?.powered === true)
}

function kept(database: SqlDatabase | undefined): KeptRows | null {
  if (!database) return null
  const { tables, documents } = database
  return { seed: seedOf(database), tables: { ...tables }, ...(documents && { documents: structuredClone(documents) }) }
}

function rowsFrom(name: string, { seed, tables, documents }: KeptRows): SqlDatabase {
  return { ...newDatabase(name, seed, ''), seed, tables, ...(documents && { documents }) }
}

export function partnerIn(world: World, pool: LabPool): LabPool | null {
  const name = partnerOf(world.topology, pool.fqdn)
  return world.pools.find(({ fqdn }) => name !== null && same(fqdn, name)) ?? null
}

/** `Invoke-CsPoolFailover -DisasterMode`: the pool itself is not asked. */
export function failOver(world: World, pool: LabPool): void {
  const partner = partnerThatServes(world, pool)
  const edge = edgesBehind(world, pool.fqdn)[0]
  if (edge !== undefined)
    throw new CmdletError(
      'InvalidOperation',
      'PoolIsNextHop',
      `This Front-end pool "${pool.fqdn}" is specified in topology as the next hop for the Edge server "${edge}". Failing over this pool may cause External access/Federation/Split-domain/XMPP traffic to fail.`,
    )
  if (!isServedHere(pool))
    throw new CmdletError('InvalidOperation', 'PoolNotActive', `The pool "${pool.fqdn}" is not served by itself.`)
  pool.poolState = 'FailedOver'
  keepBusy(world, partner, 'UserServices.PresenceFocus')
}

/**
 * `Invoke-CsPoolFailback`: what the partner has of the pool takes the place of what the pool has. `isDisaster`: with
 * `-DisasterMode` nothing is fetched, and nobody asks whether the partner is there.
 */
export function failBack(world: World, pool: LabPool, isDisaster: boolean): void {
  if (isServedHere(pool))
    throw new CmdletError('InvalidOperation', 'PoolNotFailedOver', `The pool "${pool.fqdn}" is not failed over.`)
  if (serversRunning(world, pool).length === 0 || !open(world, pool, 'rtcxds'))
    throw new CmdletError('InvalidOperation', 'PoolNotAvailable', `The pool "${pool.fqdn}" does not run.`)
  if (!isDisaster) {
    const partner = partnerThatServes(world, pool)
    pool.poolState = 'FailingBack'
    if (world.managementShell.behaviours['Invoke-CsPoolFailback'] === 'stops-midway')
      throw new CmdletError(
        'OperationTimeout',
        'DataVerificationFailed',
        `The data of the pool "${pool.fqdn}" could not be fetched from "${partner.fqdn}".`,
      )
    bringHome(world, pool)
    keepBusy(world, pool, 'UserServices.PresenceFocus')
  }
  delete pool.newContacts
  pool.poolState = 'Active'
}

function bringHome(world: World, pool: LabPool): void {
  const { atPartner } = pool
  if (!atPartner?.users) return
  const here = atPartner.contacts + (pool.newContacts?.atPartner ?? 0)
  const rows = usersIn(world, { ...pool, newContacts: { here, atPartner: 0 } }, rowsFrom('rtcxds', atPartner.users))
  delete pool.inMemory
  setUsers(world, pool, databaseIn(world, pool.backEnd, 'rtcxds'), rows)
  if (!atPartner.directories) return
  const directories = conferenceDirectoriesIn(rowsFrom('rtcshared', atPartner.directories))
  const counts = { ConferenceDirectory: Object.keys(directories).length }
  setRows(world, databaseIn(world, pool.backEnd, 'rtcshared'), directories, counts)
}

/** Somebody else has to be there for the users. */
function partnerThatServes(world: World, pool: LabPool): LabPool {
  const partner = partnerIn(world, pool)
  if (!partner)
    throw new CmdletError('ObjectNotFound', 'NoBackupPool', `The pool "${pool.fqdn}" has no associated backup pool.`)
  if (carries(world, partner) && serversRunning(world, partner).length > 0) return partner
  throw new CmdletError(
    'ResourceUnavailable',
    'BackupPoolNotAvailable',
    `The backup pool "${partner.fqdn}" of "${pool.fqdn}" is not available.`,
  )
}

/** Edge Servers, by their pool, that lead to this one. */
export function edgesBehind({ topology }: World, fqdn: string): string[] {
  const nameOf = (site: number, number: number): string =>
    topology.clusters.find((one) => one.site === site && one.number === number)?.fqdn ?? ''
  const own = topology.services.filter(({ installedOn: { cluster } }) =>
    same(nameOf(cluster.site, cluster.number), fqdn),
  )
  return topology.services
    .filter(
      ({ role, dependsOn }) =>
        role === 'EdgeServer' &&
        dependsOn.some(({ site, role: hop, instance }) =>
          own.some((one) => one.role === hop && one.site === site && one.instance === instance),
        ),
    )
    .map(({ installedOn: { cluster } }) => nameOf(cluster.site, cluster.number))
}

/** It works for a second on what it was told to do. */
function keepBusy(world: World, pool: LabPool, module: string): void {
  pool.busy = { module, until: addSeconds(timeIn(world), 1) }
}

/** How a module of the backup service is shown now. */
export function exportedNow(world: World, { busy, backupModules }: LabPool): { name: string; exported: string }[] {
  return backupModules.map(({ name, exported }) => ({
    name,
    exported: busy?.module === name && timeIn(world) < busy.until ? 'NonSteadyState' : exported,
  }))
}

/** `Invoke-CsBackupServiceSync` of a pool: conference content of its partner that it keeps goes there. */
export function syncContent(bench: Bench, pool: LabPool): void {
  const { world } = bench
  const receiver = partnerIn(world, pool)
  if (!receiver || !carries(world, pool))
    throw new CmdletError(
      'ResourceUnavailable',
      'BackupServiceNotAvailable',
      `The backup service of "${pool.fqdn}" does not run.`,
    )
  const from = contentFolder(bench, pool, receiver)
  const to = contentFolder(bench, receiver, null)
  if (from === null || to === null)
    throw new CmdletError(
      'ObjectNotFound',
      'FileStoreNotFound',
      'The file store of a pool of the pair cannot be reached.',
    )
  if (existsSync(from)) cpSync(from, to, { recursive: true, preserveTimestamps: true })
  keepBusy(world, pool, 'ConfServices.DataConf')
}

/** Somebody uploads a file to a meeting, where the users of the pool are served; the other pool is sent it too. */
export function upload(bench: Bench, pool: LabPool): void {
  const partner = partnerIn(bench.world, pool)
  const folders = [
    isServedHere(pool) ? contentFolder(bench, pool, null) : null,
    partner && contentFolder(bench, partner, pool),
  ].filter((folder) => folder !== null)
  const number = Math.max(0, ...folders.map(uploadsIn)) + 1
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `upload ${number}.pptx.enc`), `slides of upload ${number}\n`)
  }
}

const isUpload = (name: string): boolean => /^upload \d+\./.test(name)

function uploadsIn(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).filter(isUpload).length : 0
}

/** Of its own meetings, or of those of the pool that it is the backup of; null: its share cannot be reached. */
function contentFolder({ world, paths }: Bench, pool: LabPool, of: LabPool | null): string | null {
  const store = fileStoreOf(world.topology, pool.fqdn)
  if (!store) return null
  try {
    const place = join(localPath(world, paths, store.unc), store.folder, 'DataConf')
    return of === null ? place : join(place, of.fqdn)
  } catch {
    return null
  }
}
