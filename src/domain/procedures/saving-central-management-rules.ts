import { cmdlet } from '../cmdlet-text.ts'
import { machinesOf } from '../hosts.ts'
import type { Pool } from '../model.ts'
import { sameSubject } from '../subject.ts'
import { centralStore, hasReplica, holdsConfiguration, isCentral, localReplica } from './central-management.ts'
import { once, sqlServer, type Context } from './context.ts'
import { failovers } from './database-types.ts'
import type { RowRule } from './row.ts'

/** "Restoring the server hosting the Central Management store", before the machine is rebuilt. */
export const savingCentralManagementRules: readonly RowRule[] = [
  {
    id: 'save-local-replica',
    actor: 'operator',
    minutes: 10,
    of: once(hasReplica),
    needs: ['check-restore-rights'],
    title: () => 'On a server that is still running, export its local replica and keep it beside the set',
    why: 'The replica may hold changes that were made after the newest set.',
    command: () => cmdlet('Export-CsConfiguration', { LocalStore: true, FileName: localReplica }),
    proves: 'The file is there and opens.',
    source: 'derived',
  },
  {
    id: 'fail-over-central-management',
    actor: 'operator',
    minutes: 10,
    of: (context) => {
      const standby = holdsConfiguration(context) ? standbyOf(context) : null
      return standby ? [standby.fqdn] : []
    },
    needs: ['save-local-replica', 'check-restore-rights'],
    title: (pool) =>
      `On a server of ${pool}, see which SQL Server is principal of its store, and fail the Central Management store over to it`,
    why: 'The paired pool has a copy that is minutes old. Where this works, the restore of the store is over.',
    command: (_, context) => failoverOfCentral(context),
    proves:
      'Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus names an active master of that pool, and all replicas are up to date.',
    risks:
      'After it has worked, never create the store anew, and never point Active Directory back: the old host is empty because the live store is on the partner. In the command, name the SQL Server that is principal now.',
    source: 'Invoke-CsManagementServerFailover; Failing over a pool',
    branches: [
      { name: 'failed-over', when: 'the failover worked: the store lives on the paired pool' },
      { name: 'restore', when: 'the failover cannot be done: the paired pool is lost too, or its copy is of no use' },
    ],
  },
  {
    id: 'back-up-surviving-mirror',
    actor: 'operator',
    minutes: 30,
    of: (context) => {
      const store = centralStore(context)
      if (!isCentral(context) || store?.highAvailability.kind !== 'mirror') return []
      return machinesOf(store).filter((machine) => !context.loss.machines.some((gone) => sameSubject(gone, machine)))
    },
    needs: ['check-surroundings'],
    title: (machine) => `Make ${machine} principal, and back its data up before anything else`,
    why: 'It holds the newest data, and both partners are made anew. A mirror cannot be read before it is principal.',
    command: (machine, context) => {
      const store = centralStore(context)
      return store ? failovers(store, machine, context.desired) : ''
    },
    proves: 'The databases are ONLINE there, and a backup of each can be opened.',
    source: 'Restoring the server hosting the Central Management store',
  },
]

/** At the end: what Git names decides what the procedure brings back, and locations come into the store that lives. */
export const namingStoreInGit: RowRule = {
  id: 'name-store-in-git',
  actor: 'operator',
  late: true,
  minutes: 5,
  in: ['fail-over-central-management/failed-over'],
  of: (context) => {
    const standby = holdsConfiguration(context) ? standbyOf(context) : null
    return standby ? [standby.fqdn] : []
  },
  needs: ['=fail-over-central-management', 'import-locations'],
  title: (pool, context) =>
    `In Git, name ${standbyOf(context)?.stores.user?.name ?? `the store of ${pool}`} as centralManagementStore of the Deployment`,
  why: 'Git still puts the store on the old host, whose flag stays as long as xds and lis are missing there.',
  proves: 'Git and Active Directory name the same store.',
  risks:
    'Not earlier: what Git puts elsewhere, this procedure brings back no more, and emergency locations do not come along in a failover.',
  source: 'derived',
}

/** The pool that keeps a standby copy of the Central Management store; null without a pair, or where it is lost too. */
function standbyOf(context: Context): Pool | null {
  const { pools } = context.desired
  const central = centralStore(context)
  const own = pools.find(({ stores, pairedWith }) => stores.user?.name === central?.name && pairedWith !== null)
  const partner = pools.find(({ fqdn }) => sameSubject(fqdn, own?.pairedWith ?? ''))
  const store = partner?.stores.user
  if (!partner || !store || machinesOf(store).every((machine) => context.isLost(machine))) return null
  return partner
}

function failoverOfCentral(context: Context): string {
  const pool = standbyOf(context)
  const store = pool?.stores.user
  if (!pool || !store) return ''
  const { highAvailability: mode } = store
  const look = cmdlet('Get-CsDatabaseMirrorState', { DatabaseType: 'CentralMgmt', PoolFqdn: pool.fqdn })
  const failover = cmdlet('Invoke-CsManagementServerFailover', {
    ...sqlServer(store, 'BackupSql'),
    ...(mode.kind === 'mirror' ? sqlServer(mode.partner, 'BackupMirrorSql') : {}),
    ...{ Force: true, Verbose: true },
  })
  return [...(mode.kind === 'mirror' ? [look] : []), failover].join('\n')
}
