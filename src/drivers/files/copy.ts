import { mkdir, realpath } from 'node:fs/promises'
import { Problem } from '../../base/problem.ts'
import type { Skip } from '../../domain/not-taken.ts'
import { faultProblem } from './hash.ts'
import { longPath } from './long-path.ts'
import { openPool, type Pool } from './pool.ts'
import { fileProblem } from './problem.ts'
import { noRoom } from './room.ts'
import type { Copied } from './tasks.ts'
import { walk, type CopiedFolder, type CopyFault, type Found, type WalkOptions } from './walk.ts'

/** One file of a copied tree. */
export interface CopiedFile extends Copied {
  /** Original name relative to the root, with `/`. */
  name: string
  /** Where it is now, relative to the target, with `/` (escaped). */
  path: string
  /** The last component of the name as it is on the disk, where it is not valid UTF-8; else null. */
  rawName: Uint8Array | null
}

/** What became of one name of the tree. */
export type CopiedEntry =
  ({ type: 'file' } & CopiedFile) | ({ type: 'folder' } & CopiedFolder) | ({ type: 'skipped'; name: string } & Skip)

export interface CopiedTree {
  files: number
  bytes: number
  /** What could not be read, by name. The rest was copied all the same, but the copy is not whole. */
  faults: CopyFault[]
}

export interface CopyOptions extends WalkOptions {
  /** Gets every entry when it is done, in any order. It may be slow: the copy waits for it. */
  take: (entry: CopiedEntry) => Promise<void> | void
  /** Bytes that are left free on the volume of `to`; by default none. Room is looked at during the copy, for others write too. */
  keepFree?: number
  /** Its first element is raised by everything that is found and every chunk that is read; shared with the threads. */
  steps?: Int32Array<SharedArrayBuffer>
}

type FoundFile = Extract<Found, { type: 'file' }>

const batchFiles = 64
/** Batches under way: so many are in the workers, or wait for `take`. */
const mostBatches = 48

/**
 * Copies a live tree while hashing it, in constant memory. `to` must not be there; its parent must. Nothing is flushed
 * here: `settleFiles` does that for a whole set. Rules for a tree that is in use: skipped by rule, a link, or vanished ->
 * `skipped`; changed while it was read -> read again, then kept and marked; anything else that cannot be read ->
 * `faults`. Throws what `take` throws, and a Problem `file-...` when the root cannot be listed or
 * the target cannot be written, or `location-full`.
 */
export async function copyTree(from: string, to: string, options: CopyOptions): Promise<CopiedTree> {
  const tree: CopiedTree = { files: 0, bytes: 0, faults: [] }
  const { steps, take } = options
  await using pool = openPool(options.signal, steps)
  const root = await rootOf(from)
  await mkdir(to).catch((thrown: unknown) => {
    throw fileProblem(thrown, to, 'Making the folder')
  })
  const failures: unknown[] = []
  const running = new Set<Promise<void>>()
  const start = (batch: FoundFile[]): void => {
    const work = copyBatch(pool, batch, tree, options)
      .catch((thrown: unknown) => failures.push(thrown))
      .then(() => void running.delete(work))
    running.add(work)
  }
  let batch: FoundFile[] = []
  for await (const found of walk(root, longPath(to, process.platform), options)) {
    if (steps) Atomics.add(steps, 0, 1)
    if (found.type !== 'file') {
      if (found.type === 'fault') noteFault(found, tree)
      else await take(found)
      continue
    }
    batch.push(found)
    if (batch.length < batchFiles) continue
    start(batch)
    batch = []
    await pool.ready()
    if (running.size >= mostBatches) await Promise.race(running)
    if (failures.length > 0) break
  }
  start(batch)
  await Promise.all(running)
  options.signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]
  tree.faults.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return tree
}

/** The root itself may be reached through a link (a mount point, a mapped path); nothing below it. */
async function rootOf(from: string): Promise<string> {
  try {
    return longPath(await realpath(from), process.platform)
  } catch (thrown) {
    throw fileProblem(thrown, from, 'Opening')
  }
}

async function copyBatch(
  pool: Pool,
  batch: readonly FoundFile[],
  tree: CopiedTree,
  { take, keepFree = 0 }: CopyOptions,
): Promise<void> {
  if (batch.length === 0) return
  const copy = { kind: 'copy', keepFree } as const
  const results = await pool.run({ ...copy, alone: false, files: batch.map(({ from, to }) => ({ from, to })) })
  await Promise.all(
    batch.map(async (found, index) => {
      let result = results[index]
      if (result && 'large' in result)
        [result] = await pool.run({ ...copy, alone: true, files: [{ from: found.from, to: found.to }] })
      if (!result || 'large' in result) throw new Problem('unexpected', { subject: found.name, message: 'No answer.' })
      const { name, path } = found
      if ('skipped' in result) await take({ type: 'skipped', name, ...result.skipped })
      else if ('fault' in result) {
        if (result.fault === 'location-full') throw noRoom(found.to, keepFree)
        if (result.side === 'target') throw faultProblem(found.to, result)
        noteFault({ name, code: result.fault, system: result.system }, tree)
      } else {
        tree.files += 1
        tree.bytes += result.bytes
        await take({ type: 'file', name, path, rawName: found.bytes, ...result })
      }
    }),
  )
}

function noteFault({ name, code, system }: CopyFault, { faults }: CopiedTree): void {
  faults.push({ name, code, system })
}
