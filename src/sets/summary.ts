import { itemKey } from '../domain/subject.ts'
import { missingIn, type LeftOut } from '../domain/not-taken.ts'
import type { BackupSet, FlawedItem, ItemOutcome, SetSummary } from '../domain/backup-set.ts'
import { levels, type Item, type Level } from '../domain/words.ts'

export interface KnownItems {
  /** The items of a set that the cache gave, where all are ok: one list for all that hold the same. Null: look at each. */
  allOk(set: BackupSet): readonly Item[] | null
}

/** The planner's view. Lists of items are shared between sets with the same content. `known`: what is known of sets already. */
export function summarise(sets: readonly BackupSet[], known?: KnownItems): SetSummary[] {
  const okLists = new Map<string, readonly Item[]>()
  /** Of each policy the list before: nearly all sets of a policy hold the same. */
  const before = new Map<string, readonly Item[]>()
  const flawedLists = new Map<string, readonly FlawedItem[]>()
  return sets.map((set) => {
    const { id, policy, location, state, whole, slot, startedAt, finishedAt, bytes } = set
    const { ok: own, flawed } = split(set, known?.allOk(set) ?? null)
    const last = before.get(policy)
    const ok = last && isSameList(last, own) ? last : shared(okLists, own, itemKey)
    before.set(policy, ok)
    return {
      ...{ id, policy, location, state, whole, slot, startedAt, finishedAt, bytes },
      ok,
      ...(flawed.length === 0 ? {} : { flawed: shared(flawedLists, flawed, (one) => JSON.stringify(one)) }),
      ...(flawed.length > 0 && isPartialByGaps(set) && { gapsOnly: true as const }),
      verified: verifiedOf(set),
      ...damagedOf(set),
      ...(set.unvouched && { unvouched: true as const }),
    }
  })
}

/** Only a set with a commit record holds anything. */
function split(set: BackupSet, allOk: readonly Item[] | null): { ok: readonly Item[]; flawed: FlawedItem[] } {
  const ok: Item[] = []
  const flawed: FlawedItem[] = []
  if (set.finishedAt === null) return { ok, flawed }
  if (allOk !== null) return { ok: allOk, flawed }
  for (const one of set.items) {
    const { kind, subject, outcome, code, message } = one
    if (outcome === 'ok') ok.push({ kind, subject })
    else {
      const missing = outcome === 'suspect' && one.doubt === 'incomplete' ? missingOf(one) : null
      const why = { ...(code && { code }), ...(message !== undefined && { message }) }
      flawed.push({ kind, subject, outcome, ...why, ...(missing && { missing }) })
    }
  }
  return { ok, flawed }
}

function isPartialByGaps({ state, required, items }: BackupSet): boolean {
  if (state !== 'partial') return false
  const gaps = items.filter(({ outcome, doubt }) => outcome === 'suspect' && doubt === 'incomplete')
  const usable = new Set([...gaps, ...items.filter(({ outcome }) => outcome === 'ok')].map(itemKey))
  return gaps.length > 0 && required.every((item) => usable.has(itemKey(item)))
}

/** Never null: an item is not believed to be whole that calls itself incomplete. */
function missingOf({ notTaken, counts }: ItemOutcome): LeftOut {
  return missingIn(notTaken, counts?.['files']) ?? { count: 1, names: [] }
}

function isSameList(a: readonly Item[], b: readonly Item[]): boolean {
  return (
    a === b ||
    (a.length === b.length && a.every(({ kind, subject }, n) => kind === b[n]?.kind && subject === b[n].subject))
  )
}

function shared<T>(lists: Map<string, readonly T[]>, list: readonly T[], key: (one: T) => string): readonly T[] {
  const name = list.map(key).join('\n')
  const known = lists.get(name)
  if (known) return known
  lists.set(name, list)
  return list
}

function damagedOf({ verifications }: BackupSet): Pick<SetSummary, 'damagedAt'> {
  if (verifications.length === 0) return {}
  const [first] = verifications.flatMap(({ outcome, at }) => (outcome === 'damaged' ? [at] : [])).sort()
  return first === undefined ? {} : { damagedAt: first }
}

const neverVerified: SetSummary['verified'] = {}
const fileLevels: readonly Level[] = ['structure', 'checksum', 'content']

/** Newest time at which the set passed each level; a level up to `content` contains those before it. */
function verifiedOf({ verifications }: BackupSet): SetSummary['verified'] {
  if (verifications.length === 0) return neverVerified
  const verified: Partial<Record<Level, string>> = {}
  for (const { level, at, outcome } of verifications) {
    if (outcome !== 'ok') continue
    const contained = fileLevels.includes(level) ? fileLevels.slice(0, fileLevels.indexOf(level) + 1) : [level]
    for (const one of contained) if ((verified[one] ?? '') < at) verified[one] = at
  }
  return Object.fromEntries(levels.flatMap((level) => (verified[level] ? [[level, verified[level]]] : [])))
}
