import { mkdir, realpath } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'
import { retryRefused } from '../../base/retry.ts'
import type { NotTakenReason, Skip } from '../../domain/not-taken.ts'
import { faultProblem } from './hash.ts'
import { longPath } from './long-path.ts'
import { openPool, type Pool } from './pool.ts'
import { fileProblem } from './problem.ts'
import { noRoom } from './room.ts'
import { isShareLost } from './share.ts'
import type { Copied } from './tasks.ts'
import {
  rootFolder,
  walk,
  type CopiedFolder,
  type CopyFault,
  type Folder,
  type Found,
  type FoundFile,
  type WalkOptions,
} from './walk.ts'

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
}

export interface CopyOptions extends WalkOptions {
  /** Gets every entry when it is done, in any order. It may be slow: the copy waits for it. */
  take: (entry: CopiedEntry) => Promise<void> | void
  /** Bytes that are left free on the volume of `to`; by default none. Room is looked at during the copy, for others write too. */
  keepFree?: number
  /** By it what was refused is tried again; without it, nothing is. */
  clock?: Clock
  /** Its first element is raised by everything that is found and every chunk that is read; shared with the threads. */
  steps?: Int32Array<SharedArrayBuffer>
}

/** A file or a folder that could not be read. `again`: what to try again with; null: nothing. */
interface Refused extends CopyFault {
  name: string
  again: FoundFile | { type: 'folder'; folder: Folder } | null
}

/** So many are remembered to be tried again: a tree of which more is refused has another trouble. */
const mostRefused = 10_000

const batchFiles = 64
/** Batches under way: so many are in the workers, or wait for `take`. */
const mostBatches = 48

/**
 * Copies a live tree while hashing it, in constant memory. `to` must not be there; its parent must. Nothing is flushed
 * here: `settleFiles` does that for a whole set. Rules for a tree that is in use: skipped by rule, a link, or vanished ->
 * `skipped`; changed while it was read -> read again, then kept and marked; anything else that cannot be read -> tried
 * again by `clock`, then `skipped` as denied, locked or unreadable. Throws what `take` throws, and a Problem `file-...`
 * when the root cannot be listed or the target cannot be written, `location-full`, or `share-unreachable`.
 */
export async function copyTree(from: string, to: string, options: CopyOptions): Promise<CopiedTree> {
  const tree: CopiedTree = { files: 0, bytes: 0 }
  const { steps, signal, clock } = options
  await using pool = openPool(signal, steps)
  const root = await rootOf(from)
  await mkdir(to).catch((thrown: unknown) => {
    throw fileProblem(thrown, to, 'Making the folder')
  })
  const copy: Copy = { root, pool, tree, options, refused: [] }
  await copyAll(walk([rootFolder(root, longPath(to, process.platform))], options), copy)
  const again = async (refused: readonly Refused[]): Promise<readonly Refused[]> => {
    copy.refused = refused.filter((one) => one.again === null)
    await copyAll(foundAgain(refused, options), copy)
    return copy.refused
  }
  const left = clock ? await retryRefused(copy.refused, again, clock, signal) : copy.refused
  for (const one of left) await leaveOut(one, copy)
  return tree
}

interface Copy {
  /** What is copied. */
  root: string
  pool: Pool
  tree: CopiedTree
  options: CopyOptions
  /** What could not be read so far. */
  refused: Refused[]
}

async function copyAll(all: AsyncIterable<Found>, copy: Copy): Promise<void> {
  const { pool, options } = copy
  const failures: unknown[] = []
  const running = new Set<Promise<void>>()
  const start = (batch: FoundFile[]): void => {
    const work = copyBatch(batch, copy)
      .catch((thrown: unknown) => failures.push(thrown))
      .then(() => void running.delete(work))
    running.add(work)
  }
  let batch: FoundFile[] = []
  for await (const found of all) {
    if (options.steps) Atomics.add(options.steps, 0, 1)
    if (found.type === 'refused') {
      const { name, code, system, folder } = found
      await refuse({ name, code, system, again: folder && { type: 'folder', folder } }, copy)
      continue
    }
    if (found.type !== 'file') {
      await options.take(found)
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
}

/** Files first, then what is below the folders, if they open now. */
async function* foundAgain(refused: readonly Refused[], options: WalkOptions): AsyncGenerator<Found> {
  const folders: Folder[] = []
  for (const { again } of refused)
    if (again?.type === 'file') yield again
    else if (again) folders.push(again.folder)
  yield* walk(folders, options)
}

/** Tried again later, or left out at once where that is of no use. */
async function refuse(one: Refused, copy: Copy): Promise<void> {
  if (copy.refused.length < mostRefused) copy.refused.push(one)
  else await leaveOut(one, copy)
}

const reasons: Partial<Record<ProblemCode, NotTakenReason>> = { 'file-denied': 'denied', 'file-busy': 'locked' }

/** That the share itself is gone is no fault of one file. */
async function leaveOut({ name, code, system }: CopyFault & { name: string }, { root, options }: Copy): Promise<void> {
  if (await isShareLost(system, root)) throw faultProblem(name, { fault: 'share-unreachable', system, side: 'source' })
  await options.take({
    type: 'skipped',
    name,
    reason: reasons[code] ?? 'unreadable',
    why: `could not be read (${system})`,
  })
}

/** The root itself may be reached through a link (a mount point, a mapped path); nothing below it. */
async function rootOf(from: string): Promise<string> {
  try {
    return longPath(await realpath(from), process.platform)
  } catch (thrown) {
    throw fileProblem(thrown, from, 'Opening')
  }
}

async function copyBatch(batch: readonly FoundFile[], copy: Copy): Promise<void> {
  if (batch.length === 0) return
  const { pool, tree } = copy
  const { take, keepFree = 0 } = copy.options
  const job = { kind: 'copy', keepFree } as const
  const results = await pool.run({ ...job, alone: false, files: batch.map(({ from, to }) => ({ from, to })) })
  await Promise.all(
    batch.map(async (found, index) => {
      let result = results[index]
      if (result && 'large' in result)
        [result] = await pool.run({ ...job, alone: true, files: [{ from: found.from, to: found.to }] })
      if (!result || 'large' in result) throw new Problem('unexpected', { subject: found.name, message: 'No answer.' })
      const { name, path } = found
      if ('skipped' in result) await take({ type: 'skipped', name, ...result.skipped })
      else if ('fault' in result) {
        if (result.fault === 'location-full') throw noRoom(found.to, keepFree)
        if (result.side === 'target') throw faultProblem(found.to, result)
        await refuse({ name, code: result.fault, system: result.system, again: found }, copy)
      } else {
        tree.files += 1
        tree.bytes += result.bytes
        await take({ type: 'file', name, path, rawName: found.bytes, ...result })
      }
    }),
  )
}
