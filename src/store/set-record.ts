/**
 * A backup set as a row. What sets of one policy have in common (required items, item names, paths, outcomes) is one
 * shared shape; the rest of the items is a short list of figures. Items are made when they are asked for, so a
 * hundred thousand sets in memory stay small.
 */
import { onceFor } from '../base/once-for.ts'
import type { ProblemCode } from '../base/problem-codes.ts'
import type { BackupSet, ItemOutcome, Verification } from '../domain/backup-set.ts'
import type { NotTaken } from '../domain/not-taken.ts'
import type { Doubt, Item } from '../domain/words.ts'
import { itemKey } from '../domain/subject.ts'
import type { ProofRow, SetRow } from './schema.ts'

/** What many sets share. */
export interface Shape {
  required: readonly Item[]
  items: readonly Pick<ItemOutcome, 'kind' | 'subject' | 'path' | 'outcome' | 'database'>[]
}

/** Bytes alone, or with what else the item has; rows of older versions end earlier. */
type Figures =
  | number
  | [
      bytes: number,
      message: string | null,
      counts: Record<string, number> | null,
      code?: ProblemCode | null,
      notTaken?: NotTaken | null,
      doubt?: Doubt | null,
    ]

export function shapeOf(set: BackupSet): Shape {
  return {
    required: set.required.map(({ kind, subject }) => ({ kind, subject })),
    items: set.items.map(({ kind, subject, path, outcome, database }) => ({
      ...{ kind, subject, path, outcome },
      ...(database === undefined ? {} : { database }),
    })),
  }
}

export function rowOf(set: BackupSet, shape: string): SetRow {
  const figures: Figures[] = set.items.map(({ bytes, message, counts, code, notTaken, doubt }) =>
    [message, counts, code, notTaken, doubt].every((one) => one === undefined)
      ? bytes
      : [bytes, message ?? null, counts ?? null, code ?? null, notTaken ?? null, doubt ?? null],
  )
  const { required: _required, items: _items, verifications: _verifications, unvouched: _unvouched, ...rest } = set
  const { whole, commitSha256 = null, ...plain } = rest
  return { ...plain, commitSha256, whole: whole ? 1 : 0, shape, figures: JSON.stringify(figures) }
}

/**
 * `proofs` of this set, in any order: its verifications, and the damage that they found. `vouched`: SHA-256 of the commit
 * record that somebody speaks for.
 */
export function setOf(row: SetRow, shape: Shape, proofs: readonly ProofRow[], vouched: string | null): BackupSet {
  return new StoredSet(row, shape, proofs, vouched)
}

/** One getter for all: to V8 each literal with a getter of its own is a dictionary, of twice the memory and the time. */
class StoredSet implements BackupSet {
  static readonly #items = {
    enumerable: true, // as of any set: it is copied with the rest
    get(this: StoredSet): ItemOutcome[] {
      return itemsOf(this.#shape, JSON.parse(this.#figures) as Figures[], this.#damage)
    },
  }
  readonly id
  readonly policy
  readonly location
  readonly path
  readonly unc
  readonly revision
  readonly cause
  readonly slot
  readonly whole
  readonly required
  declare readonly items: readonly ItemOutcome[]
  readonly state
  readonly startedAt
  readonly finishedAt
  readonly bytes
  readonly files
  readonly commitSha256
  readonly unvouched
  readonly verifications
  readonly #shape
  readonly #figures
  readonly #damage

  constructor(row: SetRow, shape: Shape, proofs: readonly ProofRow[], vouched: string | null) {
    const damage = proofs.length === 0 ? null : damageOf(proofs)
    this.id = row.id
    this.policy = row.policy
    this.location = row.location
    this.path = row.path
    this.unc = row.unc
    this.revision = row.revision
    this.cause = row.cause as BackupSet['cause']
    this.slot = row.slot
    this.whole = row.whole === 1
    this.required = shape.required
    this.state = damage ? 'damaged' : (row.state as BackupSet['state'])
    this.startedAt = row.startedAt
    this.finishedAt = row.finishedAt
    this.bytes = row.bytes
    this.files = row.files
    this.commitSha256 = row.commitSha256 ?? undefined
    this.unvouched = row.commitSha256 === vouched ? undefined : (true as const)
    this.verifications = proofs.length === 0 ? none : proofs.map(verificationOf).sort((a, b) => (a.at < b.at ? -1 : 1))
    this.#shape = shape
    this.#figures = row.figures
    this.#damage = damage
    Object.defineProperty(this, 'items', StoredSet.#items)
  }
}

const none: readonly Verification[] = []

/** The items of a set that `setOf` made, where all are ok; else null. */
export function allOkOf({ required, state }: BackupSet): readonly Item[] | null {
  const shape = state === 'damaged' ? undefined : shapeByRequired.get(required)
  return shape ? okItems(shape) : null
}

/** Sets of one shape share its list of required items, and no others do. */
const shapeByRequired = new WeakMap<readonly Item[], Shape>()

const okItems = onceFor(({ items }: Shape): readonly Item[] | null =>
  items.every(({ outcome }) => outcome === 'ok') ? items.map(({ kind, subject }) => ({ kind, subject })) : null,
)

/** A shape as it was written. */
export function parseShape(content: string): Shape {
  const shape = JSON.parse(content) as Shape
  shapeByRequired.set(shape.required, shape)
  return shape
}

export function verificationOf(proof: ProofRow): Verification {
  return {
    level: proof.level as Verification['level'],
    at: proof.at,
    outcome: proof.outcome as Verification['outcome'],
  }
}

function itemsOf(shape: Shape, figures: readonly Figures[], damage: Damage | null): ItemOutcome[] {
  return shape.items.map((item, index) => {
    const figure = figures[index] ?? 0
    const { kind, subject, path, database } = item
    const outcome = damage && isSpoilt(item, damage) ? 'damaged' : item.outcome
    if (typeof figure === 'number' && database === undefined) return { kind, subject, path, outcome, bytes: figure } // nearly all of them
    const [bytes, message, counts, code = null, notTaken = null, doubt = null] =
      typeof figure === 'number' ? [figure, null, null] : figure
    return {
      ...{ kind, subject, path, outcome },
      ...(doubt === null ? {} : { doubt }),
      bytes,
      ...(code === null ? {} : { code }),
      ...(message === null ? {} : { message }),
      ...(counts === null ? {} : { counts }),
      ...(notTaken === null ? {} : { notTaken }),
      ...(database === undefined ? {} : { database }),
    }
  })
}

/** The keys of the damaged items; empty when the damage belongs to none of them. */
type Damage = ReadonlySet<string>

/** Damage is final: whatever a later check says, an item once found damaged is ok no more. */
function damageOf(proofs: readonly ProofRow[]): Damage | null {
  const damaged = proofs.filter((proof) => proof.outcome === 'damaged').map((proof) => damagedItems(proof.damaged))
  if (damaged.length === 0) return null
  return new Set(damaged.flat().map(itemKey))
}

export function damagedItems(text: string): { kind: string; subject: string }[] {
  return JSON.parse(text) as { kind: string; subject: string }[]
}

function isSpoilt(item: Shape['items'][number], damage: Damage): boolean {
  if (item.outcome === 'failed' || item.outcome === 'skipped') return false
  return damage.has(itemKey(item))
}
