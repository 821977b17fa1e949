import type { RecordedDatabase } from '../backup-set.ts'
import { foldedIn } from '../environment-differences.ts'
import { none, unknown, type EnvironmentRecord } from '../environment-record.ts'
import { machinesOf } from '../hosts.ts'
import { holdingsOf } from '../loss/holdings.ts'
import type { Loss } from '../loss/found.ts'
import { together } from '../loss/several.ts'
import type { Desired, KeptElsewhere, Pool, SqlStore } from '../model.ts'
import { poolNamed, poolsNamed } from '../pools.ts'
import { distinct, foldSubject, parseDatabase, sameSubject, sqlSubject } from '../subject.ts'
import type { Item, ItemKind, Subject } from '../words.ts'

/** What an item comes back from. */
export interface Copy {
  /** UNC path of the artefact. */
  file: string
  /** What the set recorded of a database. */
  database?: RecordedDatabase | undefined
}

/** What is known beside the topology. */
export interface World {
  /** Null where there is no copy. */
  copyOf(item: Item): Copy | null
  /** Machines that are lost as well. */
  isLost(host: string): boolean
  /** Its users were failed over to its backup pool, and did not come back since. Left out: nobody knows of any. */
  isFailedOver?(pool: Subject): boolean
  /** Its user data are on their way back from the set already: a partner that comes back now is too late. */
  isFromSet?(pool: Subject): boolean
  /** How things were, by a set; absent: not known. */
  environment?: EnvironmentRecord | null | undefined
}

/** What is lost, with what the rules ask about it again and again. */
export interface Context extends World {
  /** All that is lost. */
  loss: Loss
  /** What it is made of, in the order in which it comes back. */
  losses: readonly Loss[]
  desired: Desired
  /** Machines to be rebuilt that run a role of the product. */
  roleServers: readonly string[]
  /** Machines to be rebuilt that need a SQL Server of their own: setup brings that of a Standard Edition server. */
  sqlServers: readonly string[]
  /** Pools whose user data is restored. */
  userPools: readonly Pool[]
  /** Mirrors of which a machine was the witness. */
  witnessed: readonly SqlStore[]
}

/** `losses`: those of which a procedure leads back, in the order in which they come back. */
export function contextOf(losses: readonly Loss[], desired: Desired, world: World): Context {
  const loss = together(losses, desired)
  const isMachine = (name: string): boolean => loss.machines.some((machine) => sameSubject(machine, name))
  const { pools, stores, mirrors } = loss
  const members = pools.flatMap(({ servers }) => servers).filter(isMachine)
  const standard = pools.filter(({ type }) => type === 'standard-edition').flatMap(({ servers }) => servers)
  const witnessed = [...new Set(loss.machines.flatMap((host) => holdingsOf(host, desired)?.witnessed ?? []))]
  const ofSql = [...stores, ...mirrors.map(({ store }) => store)].flatMap(machinesOf).filter(isMachine)
  const witnesses = witnessed.flatMap(({ highAvailability: mode }) =>
    mode.kind === 'mirror' && mode.witness !== null ? [mode.witness] : [],
  )
  const users = itemsOf(loss, 'user-data')
  return {
    loss,
    losses,
    desired,
    ...world,
    isLost: (host) => isMachine(host) || world.isLost(host),
    roleServers: distinct(members),
    sqlServers: distinct([...ofSql, ...witnesses]).filter(
      (machine) => !standard.some((server) => sameSubject(server, machine)),
    ),
    userPools: poolsNamed(
      users.map(({ subject }) => subject),
      desired,
    ),
    witnessed,
  }
}

/** The databases that alone are lost of a store, on a server that lives; null: the store is lost as a whole. */
export function singleDatabases({ losses }: Context, { name }: SqlStore): string[] | null {
  const found = losses
    .filter(({ stores }) => stores.some((store) => store.name === name))
    .map(({ subject }) => parseDatabase(subject)?.database ?? null)
  return found.includes(null) ? null : found.filter((one) => one !== null)
}

/** The Standard Edition server in whose SQL Server Express a store is: setup brings that, and its databases. */
export function standardServerOf({ host }: SqlStore, desired: Desired): Pool | null {
  const pool = poolNamed(host, desired)
  return pool?.type === 'standard-edition' ? pool : null
}

/** Stores that are made anew, and without which the servers of a pool do not start; archives and monitoring they can wait for. */
export function storesToStart({ loss }: Context, pool: Pool): SqlStore[] {
  const { user, persistentChat, compliance } = pool.stores
  return loss.stores.filter(({ name }) => [user, persistentChat, compliance].some((used) => used?.name === name))
}

export function itemsOf({ items }: Loss, ...kinds: readonly ItemKind[]): Item[] {
  return items.filter(({ kind }) => kinds.includes(kind))
}

/** The subjects of the lost items of a kind. */
export function lost(kind: ItemKind): (context: Context) => Subject[] {
  return ({ loss }) => itemsOf(loss, kind).map(({ subject }) => subject)
}

/** The one subject where something holds for the loss as a whole. */
export function once(isNeeded: (context: Context) => boolean): (context: Context) => Subject[] {
  return (context) => (isNeeded(context) ? [context.loss.subject] : [])
}

/** The store of a subject made by `sqlSubject`. */
export function storeOf({ desired }: Context, subject: Subject): SqlStore {
  const store = desired.sqlStores.find((one) => sameSubject(sqlSubject(one), subject))
  if (!store) throw new Error(`The topology has no store ${subject}.`)
  return store
}

/** The pool of this name. */
export function poolOf({ desired }: Context, fqdn: Subject): Pool {
  const pool = poolNamed(fqdn, desired)
  if (!pool) throw new Error(`The topology has no pool ${fqdn}.`)
  return pool
}

/** What a command shows where nothing is known yet. */
export function fileOr(world: Pick<World, 'copyOf'>, item: Item): string {
  return world.copyOf(item)?.file ?? `<no copy of ${item.kind} of ${item.subject}>`
}

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** The parameters that name a SQL Server; the default instance is not named. */
export function sqlServer({ host, instance }: Pick<SqlStore, 'host' | 'instance'>, prefix = 'Sql') {
  return { [`${prefix}ServerFqdn`]: host, [`${prefix}InstanceName`]: instance === '' ? undefined : instance }
}

/** A fact as the set recorded it; null where it is not known. */
export function recorded({ environment }: Context, subject: Subject, fact: string): string | null {
  const value = environment ? foldedIn(environment).get(foldSubject(subject))?.[fact] : undefined
  return value === undefined || value === unknown || value === none ? null : value
}

/** Where somebody keeps what Holdfast does not, as the desired state says. */
export function keptAt({ desired }: Context, what: KeptElsewhere['what']): string {
  const kept = desired.deployment.keptElsewhere.find((one) => one.what === what)
  return kept ? `${kept.where} (${kept.responsible})` : 'not recorded where: see keptElsewhere'
}

/** Host and instance of the partner that is left. */
export function survivingPlace({
  store,
  survivor,
}: Context['loss']['mirrors'][number]): Pick<SqlStore, 'host' | 'instance'> {
  const { highAvailability: mode } = store
  return mode.kind === 'mirror' && sameSubject(mode.partner.host, survivor) ? mode.partner : store
}
