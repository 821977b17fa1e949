/** What is remembered of backup sets: a cache of what stands on the shares, and the proofs of what was checked. */
import { hash } from 'node:crypto'
import { batches } from '../base/batches.ts'
import { makeRoomFor } from '../base/heap.ts'
import { itemKey } from '../domain/subject.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { vanishedOf } from '../domain/vanished-set.ts'
import type { SetId } from '../domain/words.ts'
import type { Committed, SetCache } from '../sets/catalogue.ts'
import type { Database } from './database.ts'
import type { CommitRow, ProofRow, SetRow } from './schema.ts'
import { allOkOf, damagedItems, parseShape, rowOf, setOf, shapeOf, verificationOf, type Shape } from './set-record.ts'
import type { VanishedSets } from './vanished-sets.ts'
import { insertOnce, sql, upsert } from './statement.ts'

/** As the store of one process sees it: sets are kept in memory until somebody else writes to the file. */
export function openSetCache(database: Database, missed: VanishedSets): SetCache {
  const shapes = new Map<string, Shape>()
  let memory: { version: number; sets: Map<SetId, BackupSet> } | null = null
  function shape(hash: string): Shape {
    let found = shapes.get(hash)
    if (!found) {
      const stored = database.first(sql<{ content: string }>`SELECT content FROM setShape WHERE hash = ${hash}`)
      found = parseShape(stored?.content ?? '{"required":[],"items":[]}')
      shapes.set(hash, found)
    }
    return found
  }
  function known(): Map<SetId, BackupSet> {
    const version = database.version()
    if (memory?.version !== version) {
      const sets = new Map<SetId, BackupSet>()
      database.consistently(() => {
        const proofsOf = Map.groupBy(database.all(sql<ProofRow>`SELECT * FROM proof`), ({ setId }) => setId)
        const commits = database.all(sql<CommitRow>`SELECT * FROM commitRecord WHERE vouched = 1`)
        const commitOf = new Map(commits.map(({ setId, sha256 }) => [setId, sha256]))
        for (const row of database.each(sql<SetRow>`SELECT * FROM backupSet`)) {
          makeRoomFor(sets.size)
          sets.set(row.id, setOf(row, shape(row.shape), proofsOf.get(row.id) ?? [], commitOf.get(row.id) ?? null))
        }
      })
      memory = { version, sets }
    }
    return memory.sets
  }
  /** After our own change of these. */
  function refresh(ids: readonly SetId[]): void {
    const rows = database.all(rowsOfSets(ids))
    for (const id of ids) memory?.sets.delete(id)
    remember(rows)
  }
  function remember(rows: readonly SetRow[]): void {
    const ids = rows.map(({ id }) => id)
    const proofsOf = Map.groupBy(database.all(proofsOfSets(ids)), ({ setId }) => setId)
    const vouched = database.all(commitsOfSets(ids)).filter((commit) => commit.vouched === 1)
    const commitOf = new Map(vouched.map(({ setId, sha256 }) => [setId, sha256]))
    for (const row of rows)
      memory?.sets.set(row.id, setOf(row, shape(row.shape), proofsOf.get(row.id) ?? [], commitOf.get(row.id) ?? null))
    makeRoomFor(memory?.sets.size ?? 0)
  }
  return {
    get: (id) => known().get(id) ?? null,
    all(location) {
      // The very sets that are kept: a second copy of a hundred thousand would take as much again.
      const sets = [...known().values()].filter((set) => set.location === location)
      return sets.sort((a, b) => latestFirst(a.startedAt, b.startedAt) || latestFirst(a.id, b.id))
    },
    ids: (location) => database.all(newestFirst(location)).map(({ id }) => id),
    put(...sets) {
      const rows = database.briefly(() =>
        [...batches(sets)].map((batch) => {
          missed.remove(batch.map(({ id }) => id))
          return store(database, batch)
        }),
      )
      for (const batch of rows) remember(batch)
    },
    forget(id) {
      database.briefly(() => {
        drop(database, id)
      })
      refresh([id])
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
      const commit = database.first(commitsOfSets([id]))
      return commit?.vouched === 1 && commit.sha256 === sha256
    },
    vouch(sets) {
      database.durably(() => {
        for (const batch of batches(sets)) database.run(upsert('commitRecord', ['setId'], ...batch.map(vouchedRow)))
      })
      for (const batch of batches(sets)) refresh(batch.map(({ id }) => id))
    },
    neverListed(location) {
      const row = database.first(
        sql<{ content: string }>`SELECT content FROM remembered WHERE name = ${listing(location)}`,
      )
      return row ? new Set(JSON.parse(row.content) as string[]) : null
    },
    find(location, sets, neverListed) {
      const next = { name: listing(location), content: JSON.stringify([...neverListed]) }
      database.durably(() => {
        for (const batch of batches(sets)) {
          const rows = batch.map((set) => ({ ...vouchedRow(set), vouched: 0 }))
          database.run(insertOnce('commitRecord', ...rows))
        }
        database.run(upsert('remembered', ['name'], next))
      })
    },
    isFormer: (id, sha256) => database.first(commitsOfSets([id]))?.sha256 === sha256,
    listAnew(location) {
      database.durably(() => database.run(sql`DELETE FROM remembered WHERE name = ${listing(location)}`))
    },
    proofs: (id) => database.all(proofsOfSets([id])).map(verificationOf),
    allOk: (set) => (memory?.sets.get(set.id) === set ? allOkOf(set) : null),
    prove(id, { level, outcome, at, damagedItems: found }) {
      database.durably(() => {
        const proofs = database.all(proofsOfSets([id]))
        const before = proofs.find((proof) => proof.level === level && proof.outcome === outcome)
        const damaged = before ? union(damagedItems(before.damaged), found) : found
        const next = { setId: id, level, outcome, at, damaged: JSON.stringify(outcome === 'damaged' ? damaged : []) }
        database.run(upsert('proof', ['setId', 'level', 'outcome'], next))
      })
      refresh([id])
    },
  }
}

/** A few sets at once: a question for each of them would take longer than reading them from the share. */
function store(database: Database, sets: readonly BackupSet[]): SetRow[] {
  const shapes = new Map<string, string>()
  const rows = sets.map((set) => {
    const content = JSON.stringify(shapeOf(set)) // its fields have one order: no canonical form is needed
    const sha256 = hash('sha256', content, 'hex')
    shapes.set(sha256, content)
    return rowOf(set, sha256)
  })
  const before = database.all(rowsOfSets(sets.map(({ id }) => id)))
  database.run(insertOnce('setShape', ...[...shapes].map(([hash, content]) => ({ hash, content }))))
  database.run(upsert('backupSet', ['id'], ...rows))
  for (const former of new Set(before.map(({ shape }) => shape))) forgetShape(database, former)
  return rows
}

function drop(database: Database, id: SetId): void {
  const before = database.first(rowsOfSets([id]))
  database.run(sql`DELETE FROM backupSet WHERE id = ${id}`)
  if (before) forgetShape(database, before.shape)
}

function vouchedRow({ id, commitSha256 }: Committed): CommitRow {
  return { setId: id, sha256: commitSha256, vouched: 1 }
}

/** Under this name stands which policy folders were never listed. */
function listing(location: string): string {
  return `never listed ${location}`
}

function rowsOfSets(ids: readonly SetId[]) {
  return sql<SetRow>`SELECT * FROM backupSet WHERE id IN ${ids}`
}

function proofsOfSets(ids: readonly SetId[]) {
  return sql<ProofRow>`SELECT * FROM proof WHERE setId IN ${ids}`
}

function commitsOfSets(ids: readonly SetId[]) {
  return sql<CommitRow>`SELECT * FROM commitRecord WHERE setId IN ${ids}`
}

function latestFirst(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0
}

function newestFirst(location: string) {
  return sql<{ id: SetId }>`SELECT id FROM backupSet WHERE location = ${location} ORDER BY startedAt DESC, id DESC`
}

function forgetShape(database: Database, hash: string): void {
  const used = sql`SELECT id FROM backupSet WHERE shape = ${hash} LIMIT 1`
  if (!database.first(used)) database.run(sql`DELETE FROM setShape WHERE hash = ${hash}`)
}

type Named = { kind: string; subject: string }

/** Damage is final: what was found once stays found. */
function union(before: readonly Named[], now: readonly Named[]): readonly Named[] {
  return [...new Map([...before, ...now].map((item) => [itemKey(item), item])).values()]
}
