import { databasesOf } from './databases.ts'
import type { BackupPolicy, Desired, Pool, SqlStore, StoreRole } from './model.ts'
import { fileStoreSubject, foldSubject, itemKey, sqlSubject } from './subject.ts'
import { itemKinds, type Item, type ItemKind } from './words.ts'

/** An item with what it hangs on, so that `include` can choose by pool and by store. */
interface Candidate extends Item {
  pool?: string
  store?: string
}

/** What the rules read of a policy. */
export type Choice = Pick<BackupPolicy, 'include' | 'persistentChat'>

type Rule = (desired: Desired, policy: Choice) => Candidate[]

/**
 * What a set must hold, one rule per row of the data inventory (domain reference, section 3). What no rule asks for is
 * left out on purpose: run-time databases, and the raw databases whose documented source is their export (`xds`, `lis`,
 * `rtcxds`, `rgsconfig`).
 */
const rules: readonly Rule[] = [
  // "Backing up core data and settings": Export-CsConfiguration, Export-CsLisConfiguration, once per deployment.
  perDeployment('configuration'),
  perDeployment('location-information'),
  // "Preparing to restore": names, versions and certificates must be the same again, so every set records them.
  perDeployment('environment'),
  // "Backing up core data and settings": Export-CsUserData, for each pool that homes users.
  perPool('user-data', homesUsers),
  // "Backing up data and settings": Export-CsRgsConfiguration, for each pool that runs Response Group.
  perPool('response-groups', (pool) => runs(pool, 'response-group')),
  // "Call Park disaster recovery": the settings are lost with the pool's name, so their output is kept.
  perPool('call-park', (pool) => runs(pool, 'call-park')),
  // "Backing up Archiving and Monitoring databases".
  perStore('archiving', 'sql-database'),
  perStore('monitoring', 'sql-database'),
  // "Backing up Persistent Chat databases": SQL backup or Export-CsPersistentChatData.
  (desired, policy) =>
    perStore('persistentChat', policy.persistentChat === 'sql' ? 'sql-database' : 'persistent-chat')(desired, policy),
  // "Backing up file stores": once per store, also one that no pool refers to.
  ({ fileStores }) =>
    fileStores.map((store) => ({ kind: 'file-store', subject: fileStoreSubject(store), store: store.name })),
]

/** The items that topology and policy demand of each set, every one once, always in the same order. */
export function requiredItems(desired: Desired, policy: Choice): Item[] {
  const items = new Map<string, Item>()
  const isIncluded = chooser(policy)
  for (const rule of rules)
    for (const candidate of rule(desired, policy)) {
      const { kind, subject } = candidate
      if (!isIncluded(candidate)) continue
      const key = itemKey(candidate)
      if (!items.has(key)) items.set(key, { kind, subject })
    }
  return [...items.values()].sort(compareItems)
}

/**
 * What a whole run takes: besides, the record of what only Active Directory knows. It is no source of a restore, so no
 * set must have it (domain reference, section 6.14).
 */
export function wholeRun(desired: Desired, policy: Choice): Item[] {
  const record = perDeployment('directory-record')(desired, policy).filter(chooser(policy))
  return [...requiredItems(desired, policy), ...record].sort(compareItems)
}

/** Whether a set that a run makes of it must have it ok to be complete. */
export function isRequired({ kind }: Item): boolean {
  return kind !== 'directory-record'
}

/** Everything that the topology asks to be backed up, whatever the policies leave out. */
export function everyItem(desired: Desired): Item[] {
  return requiredItems(desired, { include: null, persistentChat: 'sql' })
}

/** What of that no policy backs up. */
export function unprotectedItems(desired: Desired): Item[] {
  const taken = protectedKeys(desired)
  return everyItem(desired).filter((item) => !taken.has(protectionKey(item)))
}

/** What the policies back up, as `protectionKey` has it. */
export function protectedKeys(desired: Desired): Set<string> {
  return new Set(desired.policies.flatMap((policy) => requiredItems(desired, policy)).map(protectionKey))
}

/** Key of what an item protects: Persistent Chat is in a set either way, by SQL Server or by its cmdlet. */
export function protectionKey(item: Item): string {
  return itemKey(item.kind === 'persistent-chat' ? { ...item, kind: 'sql-database' } : item)
}

/** The order of items everywhere: by kind, then by subject. */
export function compareItems(a: Item, b: Item): number {
  const byKind = itemKinds.indexOf(a.kind) - itemKinds.indexOf(b.kind)
  if (byKind !== 0) return byKind
  const [left, right] = [foldSubject(a.subject), foldSubject(b.subject)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** `include` names kinds, pools and stores; an item is in when any list names it. The environment is always in. */
function chooser({ include }: Choice): (candidate: Candidate) => boolean {
  if (include === null) return () => true
  const kinds = new Set(include.kinds)
  const [pools, stores] = [new Set(include.pools.map(foldSubject)), new Set(include.stores.map(foldSubject))]
  return ({ kind, pool, store }) =>
    kind === 'environment' ||
    kinds.has(kind) ||
    (pool !== undefined && pools.has(foldSubject(pool))) ||
    (store !== undefined && stores.has(foldSubject(store)))
}

function perDeployment(kind: ItemKind): Rule {
  return ({ deployment }) => [{ kind, subject: deployment.name }]
}

function perPool(kind: ItemKind, needs: (pool: Pool) => boolean): Rule {
  return ({ pools }) => pools.filter(needs).map(({ fqdn }) => ({ kind, subject: fqdn, pool: fqdn }))
}

/** Each database that is kept by a backup of its own, of the stores that pools use in this role; a store that several pools share gives them once. */
function perStore(role: StoreRole, kind: ItemKind): Rule {
  const kept = databasesOf(role).filter(({ keptBy }) => keptBy === 'sql-database')
  return ({ pools }) =>
    pools.filter(isSupported).flatMap((pool) => {
      const store: SqlStore | undefined = pool.stores[role]
      if (store === undefined || !offers(pool, role)) return []
      return kept.map(({ name }) => ({ kind, subject: sqlSubject(store, name), store: store.name }))
    })
}

/** An `unsupported` pool (older Lync or OCS in coexistence) has procedures of its own and needs no item. */
function isSupported(pool: Pool): boolean {
  return pool.type !== 'unsupported'
}

export function homesUsers(pool: Pool): boolean {
  return pool.type === 'front-end' || pool.type === 'standard-edition'
}

function runs(pool: Pool, application: string): boolean {
  return isSupported(pool) && pool.applications.includes(application)
}

/** Persistent Chat was removed in 2019 ("What's deprecated from 2019"). */
function offers(pool: Pool, role: StoreRole): boolean {
  return role !== 'persistentChat' || ['lync-server-2013', 'skype-for-business-2015'].includes(pool.product)
}

/** Persistent Chat can be kept by SQL backup or by cmdlet: the item of the other way. Null: it is no database. */
export function otherForm({ kind, subject }: Item): Item | null {
  if (kind === 'sql-database') return { kind: 'persistent-chat', subject }
  return kind === 'persistent-chat' ? { kind: 'sql-database', subject } : null
}
