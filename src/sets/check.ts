import { join } from 'node:path'
import type { BackupSet, SetProblem } from '../domain/backup-set.ts'
import type { Item, Level } from '../domain/words.ts'
import { batches, faultProblem, hashFiles } from '../drivers/files/hash.ts'
import { fileProblem } from '../drivers/files/problem.ts'
import { checkContent } from './content.ts'
import { ownerOf } from './item-files.ts'
import { filesBelow } from './payload.ts'
import { checkRecords } from './check-records.ts'
import { commitRecordFile, tagFiles, type ManifestLine } from './manifest.ts'
import { lstat } from 'node:fs/promises'

/**
 * Checks a folder without changing it. Every problem, not only the first; `damaged`: the items they belong to, all of
 * them when the record or a manifest is damaged, none when a problem belongs to no item. Throws Problem `file-...` when
 * it was kept from looking: that says nothing of the set.
 */
export async function checkSet(
  given: BackupSet,
  level: Extract<Level, 'structure' | 'checksum' | 'content'>,
  signal: AbortSignal,
): Promise<{ problems: SetProblem[]; damaged: Item[] }> {
  const set = { ...given } // a cached set makes its items anew at each look; here they are compared by identity
  const records = await checkRecords(set)
  if (!records.manifest) return { problems: records.problems, damaged: set.items.map(plain) }
  const problems = [...records.problems]
  const there = await listFiles(set, records.manifest, problems)
  signal.throwIfAborted()
  const sizes =
    level === 'structure' ? await sizesOf(set, there) : await checkSums(set, records.manifest, there, problems, signal)
  problems.push(...checkSizes(set, records.manifest, sizes))
  if (level === 'content') problems.push(...(await checkContent(set, sizes, signal)))
  return { problems: problems.sort(byFile), damaged: damagedItems(set, problems) }
}

/** What is there against what is listed; gives the listed files that are there. */
async function listFiles(
  set: BackupSet,
  manifest: readonly ManifestLine[],
  problems: SetProblem[],
): Promise<Set<string>> {
  const listed = new Set(manifest.map(({ path }) => path))
  const tags = new Set<string>([...tagFiles, commitRecordFile])
  const there = new Set<string>()
  for await (const { path, plain } of filesBelow(set.path, '')) {
    if (tags.has(path)) continue
    if (!listed.has(path)) problems.push({ file: path, kind: 'unexpected', message: 'it is not in the manifest' })
    else if (!plain) problems.push({ file: path, kind: 'unreadable', message: 'it is not a plain file' })
    else there.add(path)
  }
  const told = new Set(problems.map(({ file }) => file))
  for (const path of listed)
    if (!there.has(path) && !told.has(path))
      problems.push({ file: path, kind: 'missing', message: 'it is in the manifest, but not there' })
  return there
}

async function sizesOf(set: BackupSet, there: ReadonlySet<string>): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  for (const batch of batches(there))
    await Promise.all(batch.map(async (path) => sizes.set(path, await sizeOf(join(set.path, path)))))
  return sizes
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await lstat(file)).size
  } catch (thrown) {
    throw fileProblem(thrown, file, 'Looking at')
  }
}

/** Manifests hold no sizes, so the sum of an item's files is compared with the record. */
function checkSizes(
  set: BackupSet,
  manifest: readonly ManifestLine[],
  sizes: ReadonlyMap<string, number>,
): SetProblem[] {
  const byItem = Map.groupBy(manifest, ({ path }) => ownerOf(path, set.items))
  const problems: SetProblem[] = []
  for (const item of set.items) {
    const files = byItem.get(item) ?? []
    if (!files.every(({ path }) => sizes.has(path))) continue
    if (item.outcome === 'failed' || item.outcome === 'skipped') continue
    const bytes = files.reduce((sum, { path }) => sum + (sizes.get(path) ?? 0), 0)
    if (bytes === item.bytes) continue
    const file = files.length === 1 ? (files[0]?.path ?? item.path) : item.path
    problems.push({ file, kind: 'size', message: `${bytes} bytes, and the record says ${item.bytes}` })
  }
  return problems
}

/** Compares every checksum; gives the sizes that were read on the way. */
async function checkSums(
  set: BackupSet,
  manifest: readonly ManifestLine[],
  there: ReadonlySet<string>,
  problems: SetProblem[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const expected = new Map<string, ManifestLine>()
  for (const line of manifest) if (there.has(line.path)) expected.set(join(set.path, line.path), line)
  const sizes = new Map<string, number>()
  for await (const { path, result } of hashFiles(expected.keys(), signal)) {
    const line = expected.get(path)
    if (!line) continue
    if ('fault' in result) {
      if (result.fault === 'file-busy' || result.fault === 'file-denied') throw faultProblem(path, result)
      problems.push({ file: line.path, kind: 'unreadable', message: `it cannot be read (${result.system})` })
      continue
    }
    sizes.set(line.path, result.bytes)
    if (result.sha256 !== line.sha256)
      problems.push({ file: line.path, kind: 'checksum', message: 'its SHA-256 is not the one in the manifest' })
  }
  return sizes
}

function damagedItems(set: BackupSet, problems: readonly SetProblem[]): Item[] {
  if (problems.some(({ kind }) => kind === 'record' || kind === 'manifest')) return set.items.map(plain)
  const damaged = new Set(problems.map(({ file }) => ownerOf(file, set.items)))
  return set.items.filter((item) => damaged.has(item)).map(plain)
}

function plain({ kind, subject }: Item): Item {
  return { kind, subject }
}

function byFile(a: SetProblem, b: SetProblem): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0
}
