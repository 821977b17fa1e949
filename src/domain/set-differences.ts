import { compareDocuments, type DocumentElement } from './document-differences.ts'
import type { ItemOutcome } from './backup-set.ts'
import type { EnvironmentRecord } from './environment-record.ts'
import { foldSubject, itemKey } from './subject.ts'
import type { ItemKind } from './words.ts'

/** What is compared of a set. */
export interface SetContents {
  items: readonly ItemOutcome[]
  /** Null where the set has none, as is the next: its items tell that. */
  environment: EnvironmentRecord | null
  /** The documents of the export of the configuration, by name. */
  configuration: DocumentElement | null
}

export interface SetDifference {
  kind: ItemKind
  subject: string
  name: string
  change: 'added' | 'removed' | 'changed'
  from?: string
  to?: string
}

/** What differs between two sets. Turned round, it is the same with `from` and `to` exchanged. */
export function compareSets(a: SetContents, b: SetContents): SetDifference[] {
  return [
    ...compareItems(a.items, b.items),
    ...(a.environment && b.environment ? compareRecords(a.environment, b.environment) : []),
    ...(a.configuration && b.configuration
      ? compareDocuments(a.configuration, b.configuration).map((one) => ({ kind: 'configuration' as const, ...one }))
      : []),
  ]
}

function compareItems(a: readonly ItemOutcome[], b: readonly ItemOutcome[]): SetDifference[] {
  return pairs(byKey(a), byKey(b)).flatMap(([before, after]) => {
    const item = before ?? after
    if (!item) return []
    const { kind, subject } = item
    if (!before || !after) return [{ kind, subject, name: 'item', change: before ? 'removed' : 'added' } as const]
    return compareFacts(kind, subject, factsOf(before), factsOf(after))
  })
}

/** Size and counts of the configuration say nothing that its content, which is compared, does not say better. */
function factsOf({ kind, outcome, bytes, counts = {} }: ItemOutcome): Record<string, string> {
  if (kind === 'configuration') return { outcome }
  const size = kind === 'sql-database' || kind === 'file-store' ? { size: String(bytes) } : {}
  return { outcome, ...size, ...Object.fromEntries(Object.entries(counts).map(([key, n]) => [key, String(n)])) }
}

/** Every fact counts here, not only what a restore needs: who asks wants to know all. */
function compareRecords(a: EnvironmentRecord, b: EnvironmentRecord): SetDifference[] {
  return pairs(folded(a), folded(b)).flatMap(([before, after]) => {
    const subject = before?.[0] ?? after?.[0] ?? ''
    const found = compareFacts('environment', subject, before?.[1] ?? {}, after?.[1] ?? {})
    return found.filter(({ name }) => name !== 'configurationUpdatedAt') // what was updated then is compared itself
  })
}

/** As many elements as a user with five times the usual contacts has. */
const mostOfOneUser = 5

/**
 * Without what the moves of users between pools account for: that the export of one pool holds so many users less, and that
 * of the other so many more. A pool with any other change of its counts keeps all of them.
 */
export function withoutMoves(differences: readonly SetDifference[]): SetDifference[] {
  const arrivals = new Map<string, number>()
  const count = (pool: string | undefined, by: number): void => {
    const key = foldSubject(pool ?? '')
    arrivals.set(key, (arrivals.get(key) ?? 0) + by)
  }
  for (const { kind, name, from, to } of differences)
    if (kind === 'directory-record' && name === 'RegistrarPool') {
      count(from, -1)
      count(to, 1)
    }
  const ofExports = Map.groupBy(
    differences.filter(({ kind }) => kind === 'user-data'),
    ({ subject }) => foldSubject(subject),
  )
  const explained = new Set(
    [...ofExports].flatMap(([pool, found]) => (isMoveOf(arrivals.get(pool) ?? 0, found) ? found : [])),
  )
  return differences.filter((one) => !explained.has(one))
}

function isMoveOf(users: number, found: readonly SetDifference[]): boolean {
  const grown = ({ from, to }: SetDifference): number => Number(to) - Number(from)
  const [all, elements] = ['users', 'elements'].map((name) => Number(found.find((one) => one.name === name)?.from))
  const most = (Math.abs(users) * mostOfOneUser * (elements ?? NaN)) / (all ?? NaN)
  return found.every((one) => {
    if (one.name === 'users' || one.name === 'documents') return grown(one) === users
    return one.name === 'elements' && grown(one) * users > 0 && Math.abs(grown(one)) <= most
  })
}

function compareFacts(
  kind: ItemKind,
  subject: string,
  a: Record<string, string>,
  b: Record<string, string>,
): SetDifference[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().flatMap((name): SetDifference[] => {
    const [from, to] = [a[name], b[name]]
    if (from === to) return []
    const change = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed'
    const values = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    return [{ kind, subject, name, change, ...values }]
  })
}

function byKey(items: readonly ItemOutcome[]): Map<string, ItemOutcome> {
  return new Map(items.map((item) => [itemKey(item), item]))
}

function folded(record: EnvironmentRecord): Map<string, [string, Record<string, string>]> {
  return new Map(Object.entries(record).map((entry) => [foldSubject(entry[0]), entry]))
}

function pairs<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): [T | undefined, T | undefined][] {
  return [...new Set([...a.keys(), ...b.keys()])].sort().map((key) => [a.get(key), b.get(key)])
}
