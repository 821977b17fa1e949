import { lstat } from 'node:fs/promises'
import { batchesOf } from '../base/batches.ts'
import type { BackupSet, ItemOutcome, SetProblem } from '../domain/backup-set.ts'
import type { Item, Level } from '../domain/words.ts'
import { faultProblem, hashFiles } from '../drivers/files/hash.ts'
import { fileProblem, provesNothing } from '../drivers/files/problem.ts'
import { checkRecords, type Tell } from './check-records.ts'
import { checkContent } from './content.ts'
import { ownerOf } from './item-files.ts'
import { ManifestChanged, type ManifestReading } from './manifest-reading.ts'
import { commitRecordFile, manifestFile, tagFiles, type ManifestLine } from './manifest.ts'
import { filesBelow } from './payload.ts'

/**
 * Checks a folder without changing it, in constant memory. Every problem, not only the first; `damaged`: the items they
 * belong to, all of them when the record or a manifest is damaged, none when a problem belongs to no item. Throws Problem
 * `file-...` when it was kept from looking: that says nothing of the set.
 */
export async function checkSet(
  given: BackupSet,
  level: Extract<Level, 'structure' | 'checksum' | 'content'>,
  signal: AbortSignal,
): Promise<{ problems: SetProblem[]; damaged: Item[] }> {
  const set = { ...given } // a cached set makes its items anew at each look; here they are compared by identity
  const problems: SetProblem[] = []
  const tell: Tell = (file, kind, message) => void problems.push({ file, kind, message })
  const manifest = await checkRecords(set, tell)
  if (!manifest) return { problems, damaged: set.items.map(plain) }
  const payload = await checkPayload(set, level, filesThere(set, manifest, tell), tell, signal)
  checkSizes(set, payload.weights, problems, tell)
  if (level === 'content') problems.push(...(await checkContent(set, payload.artefacts, signal)))
  return { problems: problems.sort(byFile), damaged: damagedItems(set, problems) }
}

/** A file that is listed and there. */
interface FileThere {
  /** Absolute. */
  path: string
  line: ManifestLine
}

/** What is there against what is listed, side by side, for both are sorted; gives the listed files that are there. */
async function* filesThere(set: BackupSet, manifest: ManifestReading, tell: Tell): AsyncGenerator<FileThere> {
  const tags = new Set<string>([...tagFiles, commitRecordFile])
  const lines = manifest.lines()
  const next = async (): Promise<ManifestLine | null> => {
    const result = await lines.next()
    return result.done === true ? null : result.value
  }
  const miss = (path: string): void => {
    tell(path, 'missing', 'it is in the manifest, but not there')
  }
  try {
    let line = await next()
    for await (const { path, file, plain } of filesBelow(set.path, '')) {
      if (tags.has(path)) continue
      for (; line && line.path < path; line = await next()) miss(line.path)
      if (line?.path !== path) {
        tell(path, 'unexpected', 'it is not in the manifest')
        continue
      }
      if (plain) yield { path: file, line }
      else tell(path, 'unreadable', 'it is not a plain file')
      line = await next()
    }
    for (; line; line = await next()) miss(line.path)
  } catch (thrown) {
    if (!(thrown instanceof ManifestChanged)) throw thrown
    tell(manifestFile, 'manifest', 'its SHA-256 is not the one in the commit record')
  } finally {
    await lines.return(null)
  }
}

/** The files of an item, together. */
interface Weight {
  files: number
  bytes: number
  /** Of one of them. */
  path: string
}

/** Looks at every file; at a level above `structure` compares its checksum. `artefacts`: paths of what is not a file store. */
async function checkPayload(
  set: BackupSet,
  level: Level,
  there: AsyncIterable<FileThere>,
  tell: Tell,
  signal: AbortSignal,
): Promise<{ weights: Map<ItemOutcome | null, Weight>; artefacts: Set<string> }> {
  const weights = new Map<ItemOutcome | null, Weight>()
  const artefacts = new Set<string>()
  const files = level === 'structure' ? withSizes(there, signal) : withSums(there, tell, signal)
  for await (const { path, bytes } of files) {
    const item = ownerOf(path, set.items)
    const weight = weights.get(item) ?? { files: 0, bytes: 0, path }
    weight.files += 1
    weight.bytes += bytes
    weights.set(item, weight)
    if (item?.kind !== 'file-store') artefacts.add(path)
  }
  return { weights, artefacts }
}

interface Sized {
  /** As the manifest has it. */
  path: string
  bytes: number
}

async function* withSizes(there: AsyncIterable<FileThere>, signal: AbortSignal): AsyncGenerator<Sized> {
  for await (const batch of batchesOf(there)) {
    signal.throwIfAborted()
    yield* await Promise.all(batch.map(async ({ path, line }) => ({ path: line.path, bytes: await sizeOf(path) })))
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await lstat(file)).size
  } catch (thrown) {
    throw fileProblem(thrown, file, 'Looking at')
  }
}

/** Compares every checksum; the sizes were read on the way. */
async function* withSums(there: AsyncIterable<FileThere>, tell: Tell, signal: AbortSignal): AsyncGenerator<Sized> {
  for await (const { path, line, result } of hashFiles(there, signal)) {
    if ('fault' in result) {
      if (provesNothing(result.fault, result.system)) throw faultProblem(path, result)
      tell(line.path, 'unreadable', `it cannot be read (${result.system})`)
      continue
    }
    if (result.sha256 !== line.sha256) tell(line.path, 'checksum', 'its SHA-256 is not the one in the manifest')
    yield { path: line.path, bytes: result.bytes }
  }
}

/** Manifests hold no sizes, so the sum of an item's files is compared with the record, where none of them is lacking. */
function checkSizes(
  set: BackupSet,
  weights: ReadonlyMap<ItemOutcome | null, Weight>,
  problems: readonly SetProblem[],
  tell: Tell,
): void {
  const lacking = problems.filter(({ kind }) => kind === 'missing' || kind === 'unreadable')
  const gaps = new Set(lacking.map(({ file }) => ownerOf(file, set.items)))
  for (const item of set.items) {
    if (gaps.has(item) || item.outcome === 'failed' || item.outcome === 'skipped') continue
    const { files, bytes, path } = weights.get(item) ?? { files: 0, bytes: 0, path: item.path }
    if (bytes !== item.bytes)
      tell(files === 1 ? path : item.path, 'size', `${bytes} bytes, and the record says ${item.bytes}`)
  }
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
