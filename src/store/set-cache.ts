/** What is remembered of backup sets: a cache of what stands on the shares, and the proofs of what was checked. */
import { hashOf } from '../base/hash.ts'
import { itemKey } from '../domain/subject.ts'
import type { BackupSet, SetId } from '../domain/words.ts'
import type { SetCache } from '../sets/catalogue.ts'
import { build, type Database } from './database.ts'
import type { ProofRow, SetRow } from './schema.ts'
import { damagedItems, rowOf, setOf, shapeOf, verificationOf, type Shape } from './set-record.ts'

export interface KnownSets extends SetCache {
  /** All sets of a location, newest first. */
  all(location: string): BackupSet[]
}

const placeholder = ''
const setById = build.selectFrom('backupSet').selectAll().where('id', '=', placeholder).compile()
const proofsById = build.selectFrom('proof').selectAll().where('setId', '=', placeholder).compile()

export function openSetCache(database: Database): KnownSets {
  const shapes = new Map<string, Shape>()
  // Compiled once: a catalogue asks for a hundred thousand sets one by one.
  const row = (id: SetId) => database.first<SetRow>({ ...setById, parameters: [id] })
  const proofs = (id: SetId) => database.all<ProofRow>({ ...proofsById, parameters: [id] })
  function shape(hash: string): Shape {
    let found = shapes.get(hash)
    if (!found) {
      const stored = database.first(build.selectFrom('setShape').select('content').where('hash', '=', hash))
      found = JSON.parse(stored?.content ?? '{"required":[],"items":[]}') as Shape
      shapes.set(hash, found)
    }
    return found
  }
  return {
    get(id) {
      const found = row(id)
      return found ? setOf(found, shape(found.shape), proofs(id)) : null
    },
    all(location) {
      const proofsOf = Map.groupBy(
        database.all(
          build
            .selectFrom('proof')
            .innerJoin('backupSet', 'backupSet.id', 'proof.setId')
            .selectAll('proof')
            .where('backupSet.location', '=', location),
        ),
        (proof) => proof.setId,
      )
      return database
        .all(newestFirst(location).selectAll())
        .map((found) => setOf(found, shape(found.shape), proofsOf.get(found.id) ?? []))
    },
    ids: (location) => database.all(newestFirst(location).select('id')).map(({ id }) => id),
    put(set) {
      const content = shapeOf(set)
      const hash = hashOf(content)
      const next = rowOf(set, hash)
      database.briefly(() => {
        const before = row(set.id)
        const stored = { hash, content: JSON.stringify(content) }
        database.run(
          build
            .insertInto('setShape')
            .values(stored)
            .onConflict((conflict) => conflict.doNothing()),
        )
        database.run(
          build
            .insertInto('backupSet')
            .values(next)
            .onConflict((conflict) => conflict.column('id').doUpdateSet(next)),
        )
        if (before && before.shape !== hash) forgetShape(database, before.shape)
      })
    },
    forget(id) {
      database.briefly(() => {
        const before = row(id)
        database.run(build.deleteFrom('backupSet').where('id', '=', id))
        if (before) forgetShape(database, before.shape)
      })
    },
    proofs: (id) => proofs(id).map(verificationOf),
    prove(id, { level, outcome, at, damagedItems: found }) {
      database.durably(() => {
        const before = proofs(id).find((proof) => proof.level === level && proof.outcome === outcome)
        const damaged = before ? union(damagedItems(before.damaged), found) : found
        const next = { setId: id, level, outcome, at, damaged: JSON.stringify(outcome === 'damaged' ? damaged : []) }
        database.run(
          build
            .insertInto('proof')
            .values(next)
            .onConflict((conflict) => conflict.columns(['setId', 'level', 'outcome']).doUpdateSet(next)),
        )
      })
    },
  }
}

function newestFirst(location: string) {
  return build
    .selectFrom('backupSet')
    .where('location', '=', location)
    .orderBy('startedAt', 'desc')
    .orderBy('id', 'desc')
}

function forgetShape(database: Database, hash: string): void {
  const used = build.selectFrom('backupSet').select('id').where('shape', '=', hash).limit(1)
  if (!database.first(used)) database.run(build.deleteFrom('setShape').where('hash', '=', hash))
}

type Named = { kind: string; subject: string }

/** An empty list says that all is damaged, and that stays so. */
function union(before: readonly Named[], now: readonly Named[]): readonly Named[] {
  if (before.length === 0 || now.length === 0) return []
  return [...new Map([...before, ...now].map((item) => [itemKey(item), item])).values()]
}
