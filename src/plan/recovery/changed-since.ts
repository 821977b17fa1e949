import { onceFor } from '../../base/once-for.ts'
import { partnersOf } from '../../domain/endpoints.ts'
import type { EnvironmentRecord } from '../../domain/environment-record.ts'
import { compareEnvironments, type EnvironmentDifference } from '../../domain/environment-differences.ts'
import { wantedBy } from '../../domain/environment-wanted.ts'
import { hosts } from '../../domain/hosts.ts'
import type { Loss } from '../../domain/loss/found.ts'
import type { Desired, SqlStore } from '../../domain/model.ts'
import { fileStoreSubject, foldSubject, itemKey, sqlSubject } from '../../domain/subject.ts'
import type { Item, SetId } from '../../domain/words.ts'
import type { Blocker, RecoveryGround } from './ground.ts'

/**
 * What is no longer as the sets recorded it: "At restore time DNS, DHCP, names, paths and instances must equal those at
 * backup time" ("Preparing to restore"). Only what the lost thing stands on, and what concerns the whole deployment; where the
 * Central Management store is concerns its own restore alone, for after its failover all else comes back as before [derived].
 */
export function changedSince(loss: Loss, ground: RecoveryGround): Blocker[] {
  return differencesSince(loss, ground).map(({ difference, set }) => blockerOf(difference, set, loss))
}

/** The same, by what differs. */
export function differencesSince(
  loss: Loss,
  ground: RecoveryGround,
): { set: SetId; difference: EnvironmentDifference }[] {
  return recordsFor(loss, ground).flatMap(({ set, record }) => {
    const found = differences(record, ground.today)
    if (found.length === 0) return []
    const own = ownSubjects(loss, ground.desired)
    const everybodys = subjectsOf(ground.desired)
    const lost = lostSubjects(loss, ground)
    return found
      .filter(({ subject }) => own.has(foldSubject(subject)) || !everybodys.has(foldSubject(subject)))
      .filter(({ fact }) => loss.centralManagement || fact !== 'Central Management store')
      .filter(({ subject, fact }) => !(madeAnew.has(fact) && lost.has(foldSubject(subject))))
      .map((difference) => ({ set, difference }))
  })
}

/**
 * What the sets want that the items would come from; where none holds any of them, or no data is lost, the newest record
 * that there is. Sets whose record is not known are left out.
 */
export function recordsFor({ items }: Loss, ground: RecoveryGround): { set: SetId; record: EnvironmentRecord }[] {
  const environment: Item = { kind: 'environment', subject: ground.desired.deployment.name }
  const held = items.flatMap((item) => ground.copies.get(itemKey(item)) ?? [])
  const from = (held.length > 0 ? held : [ground.copies.get(itemKey(environment))]).map((set) => set?.id)
  return [...new Set(from)].flatMap((set) => {
    const seen = set === undefined ? undefined : ground.observed.facts.environmentRecord.get(set)
    return set !== undefined && seen?.known ? [{ set, record: wantedBy(seen.value) }] : []
  })
}

/** One comparison for each set, however many hosts are asked about. */
const compared = new WeakMap<EnvironmentRecord, { today: EnvironmentRecord; found: EnvironmentDifference[] }>()

function differences(recorded: EnvironmentRecord, today: EnvironmentRecord): EnvironmentDifference[] {
  const known = compared.get(recorded)
  if (known?.today === today) return known.found
  const found = compareEnvironments(recorded, today)
  compared.set(recorded, { today, found })
  return found
}

/** What stands against a restore by one difference. */
export function blockerOf(
  { subject, fact, recorded, now }: EnvironmentDifference,
  set: SetId,
  { items }: Loss,
): Blocker {
  const message = `${subject}: ${fact} was ${recorded} as of ${set}, and is ${now} now.`
  if (fact === 'product') return { code: 'set-other-product', message }
  const isTooOld = fact === 'SQL Server version' && isOlder(now, recorded)
  const isRestored = items.some(({ kind }) => kind === 'sql-database')
  return { code: isTooOld && isRestored ? 'sql-version-older' : 'environment-changed', message }
}

/** `11.0.7001.0` before `12.0.2000.8`; an older SQL Server cannot restore the backup of a newer one ("RESTORE"). */
export function isOlder(version: string, other: string): boolean {
  const [own, others] = [version.split('.').map(Number), other.split('.').map(Number)]
  const at = own.findIndex((part, index) => part !== others[index])
  return at >= 0 && (own[at] ?? 0) < (others[at] ?? 0)
}

/** What is lost comes back without these, and the restore itself brings them: that they differ meanwhile says nothing. */
const madeAnew: ReadonlySet<string> = new Set(['service folders', 'certificate', 'patch level'])

function lostSubjects({ subject, machines, fileStores }: Loss, { flags }: RecoveryGround): ReadonlySet<string> {
  const names = folded([subject, ...machines, ...fileStores.map(fileStoreSubject)])
  return flags.some((flag) => names.has(foldSubject(flag.subject))) ? names : new Set()
}

/** What is lost, and what stands on it. */
function ownSubjects(loss: Loss, desired: Desired): ReadonlySet<string> {
  const stores = [...loss.stores, ...loss.mirrors.map(({ store }) => store)]
  const users = desired.pools.filter((pool) =>
    [...Object.values(pool.stores), pool.fileStore].some((used) =>
      [...stores, ...loss.fileStores].some(({ name }) => name === used?.name),
    ),
  )
  return folded([
    ...[loss.subject, ...loss.machines],
    ...[...loss.pools, ...users].map(({ fqdn }) => fqdn),
    ...stores.flatMap(instancesOf),
    ...loss.fileStores.map(fileStoreSubject),
  ])
}

/** Everything that belongs to one host, pool or store; what is left concerns everybody. */
const subjectsOf = onceFor((desired: Desired) =>
  folded([
    ...hosts(desired).map(({ fqdn }) => fqdn),
    ...desired.pools.map(({ fqdn }) => fqdn),
    ...desired.sqlStores.flatMap(instancesOf),
    ...desired.fileStores.map(fileStoreSubject),
  ]),
)

function instancesOf(store: SqlStore): string[] {
  return partnersOf(store).flatMap((place) => [place.host, sqlSubject(place)])
}

function folded(subjects: readonly string[]): ReadonlySet<string> {
  return new Set(subjects.map(foldSubject))
}
