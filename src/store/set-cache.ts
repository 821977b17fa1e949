/** What is remembered of backup sets: a cache of what stands on the shares, and the proofs of what was checked. */
import { hashOf } from '../base/hash.ts'
import { itemKey } from '../domain/subject.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { vanishedOf } from '../domain/vanished-set.ts'
import type { SetId } from '../domain/words.ts'
import type { SetCache } from '../sets/catalogue.ts'
import { build, type Database } from './database.ts'
import type { SetRow } from './schema.ts'
import { damagedItems, rowOf, setOf, shapeOf, verificationOf, type Shape } from './set-record.ts'
import type { VanishedSets } from './vanished-sets.ts'

/** As the store of one process sees it: sets are kept in memory until somebody else writes to the file. */
export function openSetCache(database: Database, missed: VanishedSets): SetCache {
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
  function known(): Map<SetId, BackupSet> {
    const version = database.version()
    if (memory?.version !== version) {
      const sets = new Map<SetId, BackupSet>()
      database.consistently(() => {
        const proofsOf = Map.groupBy(database.all(build.selectFrom('proof').selectAll()), ({ setId }) => setId)
        const commits = database.all(build.selectFrom('commitRecord').selectAll().where('vouched', '=', 1))
        const commitOf = new Map(commits.map(({ setId, sha256 }) => [setId, sha256]))
        for (const row of database.each(build.selectFrom('backupSet').selectAll()))
          sets.set(row.id, setOf(row, shape(row.shape), proofsOf.get(row.id) ?? [], commitOf.get(row.id) ?? null))
      })
      memory = { version, sets }
    }
    return memory.sets
  }
  /** After our own change of one set. */
  function refresh(id: SetId): void {
    const row = database.first(rowOfSet(id))
    if (row) remember(row)
    else memory?.sets.delete(id)
  }
  function remember(row: SetRow): void {
    const proofs = database.all(proofsOfSet(row.id))
    const commit = database.first(commitOfSet(row.id))
    const vouched = commit?.vouched === 1 ? commit.sha256 : null
    memory?.sets.set(row.id, setOf(row, shape(row.shape), proofs, vouched))
  }
  return {
    get: (id) => known().get(id) ?? null,
    all(location) {
      // The very sets that are kept: a second copy of a hundred thousand would take as much again.
      const sets = [...known().values()].filter((set) => set.location === location)
      return sets.sort((a, b) => latestFirst(a.startedAt, b.startedAt) || latestFirst(a.id, b.id))
    },
    ids: (location) => database.all(newestFirst(location).select('id')).map(({ id }) => id),
    put(...sets) {
      const hashes = shapeHashes()
      const rows = database.briefly(() => {
        missed.remove(sets.map(({ id }) => id))
        return sets.map((set) => store(database, set, hashes))
      })
      for (const row of rows) remember(row)
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
    isVouched(id, sha256) {
      const commit = database.first(commitOfSet(id))
      return commit?.vouched === 1 && commit.sha256 === sha256
    },
    vouch(sets) {
      database.durably(() => {
        for (const { id, commitSha256 } of sets) {
          const next = { setId: id, sha256: commitSha256, vouched: 1 }
          const change = build.insertInto('commitRecord').values(next)
          database.run(change.onConflict((conflict) => conflict.column('setId').doUpdateSet(next)))
        }
      })
      for (const { id } of sets) refresh(id)
    },
    neverListed(location) {
      const row = database.first(build.selectFrom('remembered').select('content').where('name', '=', listing(location)))
      return row ? new Set(JSON.parse(row.content) as string[]) : null
    },
    find(location, sets, neverListed) {
      const next = { name: listing(location), content: JSON.stringify([...neverListed]) }
      database.durably(() => {
        for (const { id, commitSha256 } of sets) {
          const change = build.insertInto('commitRecord').values({ setId: id, sha256: commitSha256, vouched: 0 })
          database.run(change.onConflict((conflict) => conflict.doNothing()))
        }
        const change = build.insertInto('remembered').values(next)
        database.run(change.onConflict((conflict) => conflict.column('name').doUpdateSet(next)))
      })
    },
    isFormer: (id, sha256) => database.first(commitOfSet(id))?.sha256 === sha256,
    listAnew(location) {
      database.durably(() => database.run(build.deleteFrom('remembered').where('name', '=', listing(location))))
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

function store(database: Database, set: BackupSet, hashes: ShapeHashes): SetRow {
  const stored = hashes.of(shapeOf(set))
  const { hash } = stored
  const next = rowOf(set, hash)
  const before = database.first(rowOfSet(set.id))
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
  return next
}

interface ShapeHashes {
  of(shape: Shape): { hash: string; content: string }
}

/** Sets that are put together are of few shapes: each is hashed once. */
function shapeHashes(): ShapeHashes {
  const known = new Map<string, string>()
  return {
    of(shape) {
      const content = JSON.stringify(shape)
      const hash = known.get(content) ?? hashOf(shape)
      known.set(content, hash)
      return { hash, content }
    },
  }
}

function drop(database: Database, id: SetId): void {
  const before = database.first(rowOfSet(id))
  database.run(build.deleteFrom('backupSet').where('id', '=', id))
  if (before) forgetShape(database, before.shape)
}

/** Under this name stands which policy folders were never listed. */
function listing(location: string): string {
  return `never listed ${location}`
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

function latestFirst(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0
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
