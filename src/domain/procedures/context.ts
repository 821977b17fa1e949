import { machinesOf } from '../hosts.ts'
import { holdingsOf } from '../loss/holdings.ts'
import type { Loss } from '../loss/found.ts'
import type { Desired, KeptElsewhere, Pool, SqlStore } from '../model.ts'
import { quoted } from '../restore-commands.ts'
import { distinct, sameSubject } from '../subject.ts'
import type { Item, ItemKind } from '../words.ts'

/** One loss with what the steps ask about it again and again. */
export interface Context {
  loss: Loss
  desired: Desired
  /** UNC path of the artefact that an item comes back from; null where there is no copy. */
  fileOf(item: Item): string | null
  /** Machines to be rebuilt that run a role of the product. */
  roleServers: readonly string[]
  /** Machines to be rebuilt that need a SQL Server of their own: setup brings that of a Standard Edition server. */
  sqlServers: readonly string[]
  /** A Standard Edition server is among the machines. */
  standardEdition: boolean
  /** Pools whose user data is restored. */
  userPools: readonly Pool[]
  /** Mirrors of which a machine was the witness. */
  witnessed: readonly SqlStore[]
}

export function contextOf(loss: Loss, desired: Desired, fileOf: Context['fileOf']): Context {
  const isMachine = (name: string): boolean => loss.machines.some((machine) => sameSubject(machine, name))
  const { pools, stores, mirrors } = loss
  const members = distinct(pools.flatMap(({ servers }) => servers)).filter(isMachine)
  const standard = pools.filter(({ type }) => type === 'standard-edition').flatMap(({ servers }) => servers)
  const witnessed = [...new Set(loss.machines.flatMap((host) => holdingsOf(host, desired)?.witnessed ?? []))]
  const ofSql = [...stores, ...mirrors.map(({ store }) => store)].flatMap(machinesOf).filter(isMachine)
  const witnesses = witnessed.flatMap(({ highAvailability: mode }) =>
    mode.kind === 'mirror' && mode.witness !== null ? [mode.witness] : [],
  )
  const users = itemsOf(loss, 'user-data')
  return {
    loss,
    desired,
    fileOf,
    roleServers: members,
    sqlServers: distinct([...ofSql, ...witnesses]).filter(
      (machine) => !standard.some((server) => sameSubject(server, machine)),
    ),
    standardEdition: standard.some(isMachine) || isLocalStore(loss, desired),
    userPools: desired.pools.filter(({ fqdn }) => users.some(({ subject }) => sameSubject(subject, fqdn))),
    witnessed,
  }
}

/** A single database of a Standard Edition server: it is in the SQL Server Express that setup brought. */
function isLocalStore({ stores, machines }: Loss, { pools }: Desired): boolean {
  return (
    machines.length === 0 &&
    stores.some(({ host }) => pools.some((pool) => pool.type === 'standard-edition' && sameSubject(pool.fqdn, host)))
  )
}

export function itemsOf({ items }: Loss, ...kinds: readonly ItemKind[]): Item[] {
  return items.filter(({ kind }) => kinds.includes(kind))
}

/** What a command shows where nothing is known yet. */
export function fileOr(context: Context, item: Item): string {
  return context.fileOf(item) ?? `<no copy of ${item.kind} of ${item.subject}>`
}

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** `-SqlServerFqdn 'host' -SqlInstanceName 'instance'`; the default instance is not named. */
export function sqlServer({ host, instance }: Pick<SqlStore, 'host' | 'instance'>, prefix = 'Sql'): string {
  const name = instance === '' ? '' : ` -${prefix}InstanceName ${quoted(instance)}`
  return `-${prefix}ServerFqdn ${quoted(host)}${name}`
}

/** Where somebody keeps what Holdfast does not, as the desired state says. */
export function keptAt({ desired }: Context, what: KeptElsewhere['what']): string {
  const kept = desired.deployment.keptElsewhere.find((one) => one.what === what)
  return kept ? `${kept.where} (${kept.responsible})` : 'not recorded where: see keptElsewhere'
}
