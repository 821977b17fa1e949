import { partnersOf } from '../endpoints.ts'
import type { Pool, SqlStore, StoreRole } from '../model.ts'
import { importConfiguration, quoted } from '../restore-commands.ts'
import { sameSubject } from '../subject.ts'
import { fileOr, itemsOf, listed, sqlServer, type Context } from './context.ts'
import type { StepRule } from './step.ts'

const isCentral = ({ loss }: Context): boolean => loss.centralManagement
const hasMirrors = ({ loss }: Context): boolean => mirrorsOf(loss).length > 0
const centralStore = ({ desired }: Context): SqlStore | null => desired.deployment.centralManagementStore

/** "Restoring the server hosting the Central Management store", before the machine is rebuilt. */
export const savingCentralManagement: readonly StepRule[] = [
  {
    id: 'save-local-replica',
    actor: 'operator',
    minutes: 10,
    applies: isCentral,
    title: () =>
      'On a server that lives, export its local replica and keep it beside the set: it may hold later changes',
    command: () => String.raw`Export-CsConfiguration -LocalStore -FileName 'C:\Restore\LocalReplica.zip'`,
  },
  {
    id: 'fail-over-central-management',
    actor: 'operator',
    minutes: 10,
    applies: (context) => isCentral(context) && standbyOf(context) !== null,
    title: () => 'Fail the Central Management store over to the paired pool: where that works, it needs no restore',
    command: (context) => {
      const standby = standbyOf(context)
      return standby === null
        ? ''
        : `Invoke-CsManagementServerFailover ${sqlServer(standby, 'BackupSql')} -Force -Verbose`
    },
  },
  {
    id: 'back-up-surviving-mirror',
    actor: 'operator',
    minutes: 30,
    applies: (context) => isCentral(context) && centralStore(context)?.highAvailability.kind === 'mirror',
    title: () => 'Where a partner of the mirror lives: make it principal, and back up its data before anything else',
    command: ({ loss, desired }) =>
      loss.stores.flatMap((store) => failovers(store, 'Mirror', desired.pools)).join('\n'),
  },
]

/** The store of the paired pool, on which a standby copy of the Central Management store is kept. */
function standbyOf(context: Context): SqlStore | null {
  const { pools } = context.desired
  const central = centralStore(context)
  const own = pools.find(({ stores, pairedWith }) => stores.user?.name === central?.name && pairedWith !== null)
  return pools.find(({ fqdn }) => sameSubject(fqdn, own?.pairedWith ?? ''))?.stores.user ?? null
}

/** "Restoring a mirrored Back End Server": the survivor carries on alone until its partner is back. */
export const leavingMirror: readonly StepRule[] = [
  {
    id: 'fail-over-mirror',
    actor: 'operator',
    minutes: 10,
    applies: hasMirrors,
    title: ({ loss }) =>
      `Where ${listed(mirrorsOf(loss).map(({ survivor }) => survivor))} is not principal yet, make it so; with a witness it is by itself`,
    command: ({ loss, desired }) =>
      mirrorsOf(loss)
        .flatMap(({ store, survivor }) =>
          failovers(store, sameSubject(survivor, store.host) ? 'Primary' : 'Mirror', desired.pools),
        )
        .join('\n'),
  },
  {
    id: 'point-pool-at-survivor',
    actor: 'operator',
    minutes: 30,
    applies: hasMirrors,
    title: ({ loss }) =>
      `Where the principal was lost: in Topology Builder switch the mirroring of ${listed(mirrorsOf(loss).map(({ store }) => store.name))} off, make the survivor its server, publish, and restart the services of the Front Ends`,
  },
  {
    id: 'uninstall-mirror',
    actor: 'operator',
    minutes: 10,
    applies: hasMirrors,
    title: () => 'Take the lost partner out of the mirroring session',
    command: ({ loss, desired }) =>
      mirrorsOf(loss)
        .flatMap(({ store, survivor }) => {
          const place = partnersOf(store).find(({ host }) => sameSubject(host, survivor)) ?? store
          return typesOf(store, desired.pools).map(
            ({ type }) => `Uninstall-CsMirrorDatabase -DatabaseType ${type} ${sqlServer(place)} -Verbose`,
          )
        })
        .join('\n'),
  },
]

/** The empty Central Management store, and what it held. */
export const creatingCentralManagement: readonly StepRule[] = [
  {
    id: 'prepare-first-standard-edition',
    actor: 'operator',
    minutes: 20,
    applies: (context) => isCentral(context) && context.standardEdition,
    title: () => 'Deployment Wizard: Prepare first Standard Edition server',
  },
  {
    id: 'create-central-management-store',
    actor: 'operator',
    minutes: 10,
    applies: isCentral,
    title: () => 'Create the Central Management store, empty',
    command: (context) => {
      const store = centralStore(context)
      return store ? `Install-CsDatabase -CentralManagementDatabase -Clean ${sqlServer(store)} -Verbose` : ''
    },
    warning:
      '-Clean deletes the databases that are there. Look into them first: a Central Management store that lives must never meet it.',
  },
  {
    id: 'point-directory',
    actor: 'operator',
    minutes: 5,
    applies: isCentral,
    title: () => 'Let Active Directory point at it',
    command: (context) => {
      const store = centralStore(context)
      if (!store) return ''
      const mode = store.highAvailability
      const mirror = mode.kind === 'mirror' ? ` ${sqlServer(mode.partner, 'MirrorSql')}` : ''
      return `Set-CsConfigurationStoreLocation ${sqlServer(store)}${mirror} -Verbose`
    },
  },
  {
    id: 'import-configuration',
    actor: 'holdfast',
    minutes: 5,
    applies: ({ loss }) => itemsOf(loss, 'configuration').length > 0,
    title: () => 'Import topology, policies and settings, unless the local replica is newer and can be read',
    command: (context) =>
      itemsOf(context.loss, 'configuration')
        .map((item) => importConfiguration(fileOr(context, item)))
        .join('\n'),
    restores: ['configuration'],
  },
]

/** "Restoring an Enterprise Edition Back End Server": the databases, empty, and their mirrors. */
export const creatingDatabases: readonly StepRule[] = [
  {
    id: 'download-topology',
    actor: 'operator',
    minutes: 10,
    applies: ({ loss }) => loss.stores.length > 0,
    title: () => 'In Topology Builder download the topology from the existing deployment, save it, and publish it',
  },
  {
    id: 'create-databases',
    actor: 'operator',
    minutes: 20,
    applies: ({ loss, standardEdition }) => loss.stores.length > 0 && !standardEdition,
    title: () => 'Create the databases, empty: Topology Builder, Install Database, or by command; what exists stays',
    command: ({ loss }) =>
      loss.stores
        .map(({ host }) => `Install-CsDatabase -ConfiguredDatabases -SqlServerFqdn ${quoted(host)} -Verbose`)
        .join('\n'),
  },
]

/** Mirroring comes back when the databases have their schema, which cannot be changed under it ("Install-CsDatabase"). */
export const creatingMirror: readonly StepRule[] = [
  {
    id: 'create-mirror',
    actor: 'operator',
    minutes: 30,
    applies: ({ loss }) => mirrorsOf(loss).length > 0 || loss.stores.some(isMirrored),
    title: () => 'Set mirroring up again: enable it in Topology Builder, publish, then create the mirror databases',
    command: ({ loss }) =>
      [...mirrorsOf(loss).map(({ survivor }) => survivor), ...loss.stores.filter(isMirrored).map(({ host }) => host)]
        .map(
          (host) =>
            `Install-CsMirrorDatabase -ConfiguredDatabases -FileShare '<share that both partners reach>' -SqlServerFqdn ${quoted(host)} -Verbose`,
        )
        .join('\n'),
  },
  {
    id: 'restore-witness',
    actor: 'operator',
    minutes: 10,
    applies: ({ witnessed }) => witnessed.length > 0,
    title: ({ witnessed }) =>
      `Give the mirror of ${listed(witnessed.map(({ name }) => name))} its witness again: Topology Builder, Install Database`,
  },
  {
    id: 'restart-front-ends',
    actor: 'operator',
    minutes: 15,
    applies: (context) => hasMirrors(context),
    title: ({ loss, desired }) =>
      `Restart the services of the servers of ${listed(
        usersOf(
          mirrorsOf(loss).map(({ store }) => store),
          desired.pools,
        ).map(({ fqdn }) => fqdn),
      )}, one after the other`,
  },
]

function mirrorsOf({ mirrors }: Context['loss']): Context['loss']['mirrors'] {
  return mirrors.filter(({ store }) => isMirrored(store))
}

function isMirrored({ highAvailability }: SqlStore): boolean {
  return highAvailability.kind === 'mirror'
}

function usersOf(stores: readonly SqlStore[], pools: readonly Pool[]): Pool[] {
  return pools.filter((pool) =>
    Object.values(pool.stores).some((used) => stores.some(({ name }) => name === used.name)),
  )
}

/** Names of database types in cmdlets ("Lync 2013 Database Mirror Manager"). */
const databaseTypes: Readonly<Record<StoreRole, readonly string[]>> = {
  user: ['User', 'Application'],
  archiving: ['Archiving'],
  monitoring: ['Monitoring'],
  persistentChat: ['PersistentChat'],
  compliance: ['PersistentChatCompliance'],
}

/** Each type of database that a store holds, with one pool that uses it. */
function typesOf(store: SqlStore, pools: readonly Pool[]): { type: string; pool: Pool }[] {
  const found = new Map<string, Pool>()
  for (const pool of pools)
    for (const [role, used] of Object.entries(pool.stores))
      if (used.name === store.name)
        for (const type of databaseTypes[role as StoreRole]) if (!found.has(type)) found.set(type, pool)
  return [...found].map(([type, pool]) => ({ type, pool }))
}

function failovers(store: SqlStore, to: 'Primary' | 'Mirror', pools: readonly Pool[]): string[] {
  return typesOf(store, pools).map(
    ({ type, pool }) =>
      `Invoke-CsDatabaseFailover -PoolFqdn ${quoted(pool.fqdn)} -DatabaseType ${type} -NewPrincipal ${to} -Force -Verbose`,
  )
}
