import { createHash } from 'node:crypto'
import { LineTooLong, linesWithin } from '../drivers/files/lines.ts'
import { oddEntry } from '../drivers/files/problem.ts'
import { mostManifestBytes, mostRecordBytes, openPlainFile, readSmallFile } from '../drivers/files/small-file.ts'
import { faultOf, lineOf, parseManifest, truncated, twice, type ManifestLine } from './manifest.ts'

/** The manifest of a payload as it was found. It may name a million files: its lines are never in memory together. */
export interface ManifestReading {
  sha256: string
  /** The first thing that is wrong with it; null: nothing. */
  problem: string | null
  /** In the order of their paths, read anew. Throws ManifestChanged at the end when somebody changed it in between. */
  lines(): AsyncGenerator<ManifestLine>
}

export class ManifestChanged extends Error {}

const chunkBytes = 256 * 1024
const lineEnd = 10

/** Reads it once, whole. Throws Problem `share-entry-odd` or `file-...`, and the system's own errors. */
export async function readManifest(file: string): Promise<ManifestReading> {
  const digest = createHash('sha256')
  let last = lineEnd
  const take = (chunk: Buffer): void => {
    digest.update(chunk)
    last = chunk.at(-1) ?? last
  }
  let number = 0
  let before = ''
  let isSorted = true
  let fault: string | null = null
  let outside: string | null = null
  for await (const lines of chunksOf(file, take))
    for (const each of lines) {
      number += 1
      const line = lineOf(each)
      fault ??= faultOf(line, number)
      if (!line) continue
      const { path } = line
      if (path === before) fault ??= twice(number)
      if (path < before) isSorted = false
      if (!path.startsWith('data/')) outside ??= `it names ${path}, which is not a payload file`
      before = path
    }
  const sha256 = digest.digest('hex')
  if (last !== lineEnd) return { sha256, problem: truncated, lines: () => linesOf(file, sha256) }
  if (fault === null && !isSorted) return readUnsorted(file, outside)
  return { sha256, problem: fault ?? outside, lines: () => linesOf(file, sha256) }
}

/** Ours are sorted. One in another order is read as a record is, up to the size of one. */
async function readUnsorted(file: string, outside: string | null): Promise<ManifestReading> {
  const bytes = await readSmallFile(file, mostRecordBytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const found = parseManifest(bytes.toString())
  const lines = 'problem' in found ? [] : found.sort((a, b) => (a.path < b.path ? -1 : 1))
  const problem = 'problem' in found ? found.problem : outside
  return { sha256, problem, lines: () => each(lines) }
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function* linesOf(file: string, sha256: string): AsyncGenerator<ManifestLine> {
  const digest = createHash('sha256')
  for await (const lines of chunksOf(file, (chunk) => digest.update(chunk)))
    for (const each of lines) {
      const line = lineOf(each)
      if (line) yield line
    }
  if (digest.digest('hex') !== sha256) throw new ManifestChanged(file)
}

async function* chunksOf(file: string, take: (chunk: Buffer) => void): AsyncGenerator<string[]> {
  const { handle, size } = await openPlainFile(file, mostManifestBytes)
  try {
    yield* linesWithin(handle, file, 0, size, chunkBytes, take)
  } catch (thrown) {
    throw thrown instanceof LineTooLong ? oddEntry(file, 'has a line that is too long for a manifest') : thrown
  } finally {
    await handle.close()
  }
}
