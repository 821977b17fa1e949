/** What is remembered of backup sets: a cache of what stands on the shares, and the proofs of what was checked. */
import { hashOf } from '../base/hash.ts'
import type { Time } from '../base/time.ts'
import { itemKey } from '../domain/subject.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { vanishedOf } from '../domain/vanished-set.ts'
import type { SetId } from '../domain/words.ts'
import type { SetCache } from '../sets/catalogue.ts'
import { build, type Database } from './database.ts'
import type { CommitRow, ProofRow, SetRow } from './schema.ts'
import { damagedItems, rowOf, setOf, shapeOf, verificationOf, type Shape } from './set-record.ts'
import type { VanishedSets } from './vanished-sets.ts'

/** As the store of one process sees it: sets are kept in memory until somebody else writes to the file. */
export function openSetCache(database: Database, missed: VanishedSets, bornAt: () => Time): SetCache {
  const shapes = new Map<string, Shape>()
  let memory: { version: number; sets: Map<SetId, BackupSet> } | null = null
  function shape(hash: string): Shape {
    let found = shapes.get(hash)
    if (!found) {
      const stored = database.first(build.selectFrom('setShape').select('content').where('hash', '=', hash))
      found = JSON.parse(stored?.content ?? '{"required":[],"items":[]}') as Shape
      shapes.set(hash, found)
    }
    return found
  }
  function load(rows: readonly SetRow[], proofs: readonly ProofRow[], commits: readonly CommitRow[]): BackupSet[] {
    const proofsOf = Map.groupBy(proofs, ({ setId }) => setId)
    const commitOf = new Map(commits.map(({ setId, sha256 }) => [setId, sha256]))
    return rows.map((row) => setOf(row, shape(row.shape), proofsOf.get(row.id) ?? [], commitOf.get(row.id) ?? null))
  }
  function known(): Map<SetId, BackupSet> {
    const version = database.version()
    if (memory?.version !== version) {
      const sets = database.consistently(() =>
        load(
          database.all(build.selectFrom('backupSet').selectAll()),
          database.all(build.selectFrom('proof').selectAll()),
          database.all(build.selectFrom('commitRecord').selectAll()),
        ),
      )
      memory = { version, sets: new Map(sets.map((set) => [set.id, set])) }
    }
    return memory.sets
  }
  function begun(location: string): Time | null {
    const row = database.first(build.selectFrom('remembered').select('content').where('name', '=', `own ${location}`))
    return row ? (JSON.parse(row.content) as Time) : null
  }
  /** After our own change of one set. */
  function refresh(id: SetId): void {
    const [set] = load(database.all(rowOfSet(id)), database.all(proofsOfSet(id)), database.all(commitOfSet(id)))
    if (set) memory?.sets.set(id, set)
    else memory?.sets.delete(id)
  }
  return {
    get: (id) => known().get(id) ?? null,
    all(location) {
      const proofs = build
        .selectFrom('proof')
        .innerJoin('backupSet', 'backupSet.id', 'proof.setId')
        .selectAll('proof')
        .where('backupSet.location', '=', location)
      const commits = build
        .selectFrom('commitRecord')
        .innerJoin('backupSet', 'backupSet.id', 'commitRecord.setId')
        .selectAll('commitRecord')
        .where('backupSet.location', '=', location)
      return load(database.all(newestFirst(location).selectAll()), database.all(proofs), database.all(commits))
    },
    ids: (location) => database.all(newestFirst(location).select('id')).map(({ id }) => id),
    put(...sets) {
      database.briefly(() => {
        for (const set of sets) store(database, set)
        missed.remove(sets.map(({ id }) => id))
      })
      for (const { id } of sets) refresh(id)
    },
    forget(id) {
      database.briefly(() => {
        drop(database, id)
      })
      refresh(id)
    },
    vanish(sets, at) {
      database.durably(() => {
        missed.add(sets.map((set) => vanishedOf(set, at)))
        for (const { id } of sets) drop(database, id)
      })
      for (const { id } of sets) memory?.sets.delete(id)
    },
    vanished: () => missed.all(),
    isVouched: (id, sha256) => database.first(commitOfSet(id))?.sha256 === sha256,
    vouch(sets) {
      database.durably(() => {
        for (const { id, commitSha256 } of sets) {
          const next = { setId: id, sha256: commitSha256 }
          const change = build.insertInto('commitRecord').values(next)
          database.run(change.onConflict((conflict) => conflict.column('setId').doUpdateSet(next)))
        }
      })
      for (const { id } of sets) refresh(id)
    },
    ownSince: (location) => begun(location) ?? bornAt(),
    ownFrom(location, at) {
      const next = { name: `own ${location}`, content: JSON.stringify(at) }
      const change = build.insertInto('remembered').values(next)
      database.durably(() => database.run(change.onConflict((conflict) => conflict.column('name').doUpdateSet(next))))
    },
    proofs: (id) => database.all(proofsOfSet(id)).map(verificationOf),
    prove(id, { level, outcome, at, damagedItems: found }) {
      database.durably(() => {
        const proofs = database.all(proofsOfSet(id))
        const before = proofs.find((proof) => proof.level === level && proof.outcome === outcome)
        const damaged = before ? union(damagedItems(before.damaged), found) : found
        const next = { setId: id, level, outcome, at, damaged: JSON.stringify(outcome === 'damaged' ? damaged : []) }
        database.run(
          build
            .insertInto('proof')
            .values(next)
            .onConflict((conflict) => conflict.columns(['setId', 'level', 'outcome']).doUpdateSet(next)),
        )
      })
      refresh(id)
    },
  }
}

function store(database: Database, set: BackupSet): void {
  const content = shapeOf(set)
  const hash = hashOf(content)
  const next = rowOf(set, hash)
  const before = database.first(rowOfSet(set.id))
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
}

function drop(database: Database, id: SetId): void {
  const before = database.first(rowOfSet(id))
  database.run(build.deleteFrom('backupSet').where('id', '=', id))
  if (before) forgetShape(database, before.shape)
}

function rowOfSet(id: SetId) {
  return build.selectFrom('backupSet').selectAll().where('id', '=', id)
}

function proofsOfSet(id: SetId) {
  return build.selectFrom('proof').selectAll().where('setId', '=', id)
}

function commitOfSet(id: SetId) {
  return build.selectFrom('commitRecord').selectAll().where('setId', '=', id)
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

/** Damage is final: what was found once stays found. */
function union(before: readonly Named[], now: readonly Named[]): readonly Named[] {
  return [...new Map([...before, ...now].map((item) => [itemKey(item), item])).values()]
}
