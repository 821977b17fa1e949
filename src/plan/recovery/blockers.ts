import { foldedIn } from '../../domain/environment-differences.ts'
import { unknown, type EnvironmentRecord } from '../../domain/environment-record.ts'
import type { Loss } from '../../domain/loss/found.ts'
import type { KeptElsewhere, Pool } from '../../domain/model.ts'
import { tellNames } from '../../domain/not-taken.ts'
import { distinct, foldSubject, itemKey } from '../../domain/subject.ts'
import type { Item, ItemKind } from '../../domain/words.ts'
import type { Blocker, RecoveryGround } from './ground.ts'
import { changedSince, recordsFor } from './changed-since.ts'

/** In the order in which they have to be cleared. What is merely unknown blocks nothing, but where the rule says so. */
export function blockersOf(loss: Loss, ground: RecoveryGround): Blocker[] {
  if (loss.scenario === null) return [{ code: 'procedure-elsewhere', message: loss.why }]
  return [
    ...centralManagementFirst(loss, ground),
    ...withoutCopy(loss, ground),
    ...withGaps(loss, ground),
    ...outOfSight(loss, ground),
    ...notVerified(loss, ground),
    ...keptByNobody(loss, ground),
    ...changedSince(loss, ground),
    ...patchLevelUnknown(loss, ground),
    ...encrypted(loss, ground),
  ]
}

/** Every other procedure needs a topology that can be downloaded and published (domain reference, section 6.1). */
function centralManagementFirst({ centralManagement }: Loss, { flags }: RecoveryGround): Blocker[] {
  const lost = flags.find(({ scenario }) => scenario === 'central-management')
  if (!lost || centralManagement) return []
  const message = `The Central Management store is lost (${lost.subject}): it has to be restored before anything else.`
  return [{ code: 'central-management-first', message }]
}

function withoutCopy({ items }: Loss, { copies }: RecoveryGround): Blocker[] {
  const missing = items.filter((item) => !copies.has(itemKey(item)))
  if (missing.length === 0) return []
  return [
    { code: 'recovery-point-missing', message: `There is no ok copy of ${told(missing)}: it would come back empty.` },
  ]
}

/** Who restores an incomplete copy has to know what does not come back. */
function withGaps({ items }: Loss, { incomplete }: RecoveryGround): Blocker[] {
  return items.flatMap((item): Blocker[] => {
    const gap = incomplete.get(itemKey(item))
    if (!gap) return []
    const message = `The copy of ${told([item])} in ${gap.set.id} lacks ${gap.missing.count} files or folders: ${tellNames(gap.missing)}.`
    return [{ code: 'item-incomplete', message }]
  })
}

/** A set that cannot be seen now may be gone: nothing is restored from what somebody remembers. */
function outOfSight({ items }: Loss, { copies, hidden, observed }: RecoveryGround): Blocker[] {
  const places = new Set(items.flatMap((item) => copies.get(itemKey(item))?.location ?? []))
  return [...places].flatMap((place) => {
    const fault = hidden(place)
    if (fault === null) return []
    const since = observed.facts.location.get(place)?.since
    const how = since === undefined ? 'were not seen yet' : `have not been seen since ${since}`
    const message = `The copies on ${place} ${how}: ${fault.message} ${fault.remedy}`
    return [{ code: fault.code, message }]
  })
}

function notVerified({ items }: Loss, { copies }: RecoveryGround): Blocker[] {
  const sets = Map.groupBy(items, (item) => copies.get(itemKey(item)))
  return [...sets].flatMap(([set, held]): Blocker[] => {
    if (!set || Object.keys(set.verified).some((level) => level !== 'structure')) return []
    const level = set.verified.structure === undefined ? 'not verified at all' : 'verified at level structure only'
    return [{ code: 'set-not-verified', message: `${set.id}, which holds ${told(held)}, is ${level}.` }]
  })
}

/** What a restore needs of the things that somebody else keeps (domain reference, section 3.3). */
function keptByNobody({ machines, pools, items }: Loss, { desired }: RecoveryGround): Blocker[] {
  const needed: [KeptElsewhere['what'], boolean][] = [
    ['active-directory', machines.length > 0 || items.length > 0],
    ['certificates', pools.length > 0 && machines.length > 0],
    ['media', machines.length > 0],
  ]
  const named = new Set(desired.deployment.keptElsewhere.map(({ what }) => what))
  const missing = needed.flatMap(([what, isNeeded]) => (isNeeded && !named.has(what) ? [what] : []))
  return missing.map((what) => ({
    code: 'kept-elsewhere-missing',
    message: `keptElsewhere does not say who keeps ${what}, and this restore needs it.`,
  }))
}

const exported: ReadonlySet<ItemKind> = new Set(['configuration', 'user-data', 'response-groups'])

/** Media are at the level of the first release: which level to patch to has to be known (domain reference, 6.13). */
function patchLevelUnknown(loss: Loss, ground: RecoveryGround): Blocker[] {
  const { desired } = ground
  const imports = loss.items.some(({ kind }) => exported.has(kind))
  const users = desired.pools.filter((pool) => loss.stores.some(({ name }) => pool.stores.user?.name === name))
  const pools = [...new Set([...loss.pools, ...(imports ? users : [])])]
  const records = recordsFor(loss, ground).map(({ record }) => record)
  const isKnown = ({ servers }: Pool): boolean =>
    [...records, ground.today].some((record) =>
      servers.some((server) => (levelIn(record, server) ?? unknown) !== unknown),
    )
  const dark = distinct(pools.filter((pool) => !isKnown(pool)).map(({ fqdn }) => fqdn))
  if (dark.length === 0) return []
  const message = `No set and no server tells the cumulative update of ${dark.join(', ')}: what it is patched to has to be the same as before.`
  return [{ code: 'patch-level-unknown', message }]
}

/** TDE: no other server opens the backup without the certificate of `master` (domain reference, section 6.14). */
function encrypted(loss: Loss, ground: RecoveryGround): Blocker[] {
  const records = recordsFor(loss, ground).map(({ record }) => foldedIn(record))
  const locked = loss.items
    .filter(({ kind }) => kind === 'sql-database')
    .filter(({ subject }) => records.some((record) => record.get(foldSubject(subject))?.['encrypted'] === 'yes'))
  if (locked.length === 0) return []
  const names = distinct(locked.map(({ subject }) => subject)).join(', ')
  const message = `${names} was encrypted (TDE): its backup opens only where the certificate and its private key are in master.`
  return [{ code: 'database-encrypted', message }]
}

function levelIn(record: EnvironmentRecord, server: string): string | undefined {
  return foldedIn(record).get(foldSubject(server))?.['patchLevel']
}

function told(items: readonly Item[]): string {
  return items.map(({ kind, subject }) => `${kind} of ${subject}`).join(', ')
}
