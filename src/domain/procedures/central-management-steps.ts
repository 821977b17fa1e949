import type { SqlStore } from '../model.ts'
import { importConfiguration } from '../restore-commands.ts'
import { sameSubject } from '../subject.ts'
import { fileOr, itemsOf, sqlServer, type Context } from './context.ts'
import { failovers } from './database-types.ts'
import type { StepRule } from './step.ts'

const isCentral = ({ loss }: Context): boolean => loss.centralManagement
const centralStore = ({ desired }: Context): SqlStore | null => desired.deployment.centralManagementStore

/** "Restoring the server hosting the Central Management store", before the machine is rebuilt. */
export const savingCentralManagement: readonly StepRule[] = [
  {
    id: 'save-local-replica',
    actor: 'operator',
    minutes: 10,
    applies: isCentral,
    title: () =>
      'On a server that is still running, export its local replica and keep it beside the set: it may hold later changes',
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
    title: () =>
      'Where a partner of the mirror is still running: make it principal, and back up its data before anything else',
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
      '-Clean deletes the databases that are there. Look into them first: never run it against a Central Management store that is in use.',
  },
  {
    id: 'point-directory',
    actor: 'operator',
    minutes: 5,
    applies: isCentral,
    title: () => 'Point Active Directory at it',
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
