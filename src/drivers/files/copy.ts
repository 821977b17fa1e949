import { mkdir, realpath } from 'node:fs/promises'
import { Problem } from '../../base/problem.ts'
import { faultProblem } from './hash.ts'
import { longPath } from './long-path.ts'
import { openPool, type Pool } from './pool.ts'
import { fileProblem } from './problem.ts'
import type { Copied, Fault } from './tasks.ts'
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

export interface CopiedTree {
  files: CopiedFile[]
  folders: CopiedFolder[]
  skipped: { name: string; reason: string }[]
  /** What could not be read. The rest was copied all the same, but the copy is not whole. */
  faults: CopyFault[]
  bytes: number
}

export interface CopyOptions extends WalkOptions {
  /** Its first element is raised by everything that is found and every chunk that is read; shared with the threads. */
  steps?: Int32Array<SharedArrayBuffer>
}

type FoundFile = Extract<Found, { type: 'file' }>

const batchFiles = 64

/**
 * Copies a live tree while hashing it, in constant memory but for the list of what was copied. `to` must not be there;
 * its parent must. Nothing is flushed here: `settleFiles` does that for a whole set. Rules for a tree that is in use:
 * skipped by rule, a link, or vanished -> listed in `skipped`; changed while it was read -> read again, then kept and
 * marked; anything else that cannot be read -> `faults`. Throws a Problem `file-...` when the root cannot be listed or
 * the target cannot be written.
 */
export async function copyTree(from: string, to: string, options: CopyOptions): Promise<CopiedTree> {
  const tree: CopiedTree = { files: [], folders: [], skipped: [], faults: [], bytes: 0 }
  const { steps } = options
  await using pool = openPool(options.signal, steps)
  const root = await rootOf(from)
  await mkdir(to).catch((thrown: unknown) => {
    throw fileProblem(thrown, to, 'Making the folder')
  })
  const failures: unknown[] = []
  const running = new Set<Promise<void>>()
  const start = (batch: FoundFile[]): void => {
    const work = copyBatch(pool, batch, tree)
      .catch((thrown: unknown) => failures.push(thrown))
      .then(() => void running.delete(work))
    running.add(work)
  }
  let batch: FoundFile[] = []
  for await (const found of walk(root, longPath(to, process.platform), options)) {
    if (steps) Atomics.add(steps, 0, 1)
    if (found.type !== 'file') {
      note(found, tree)
      continue
    }
    batch.push(found)
    if (batch.length < batchFiles) continue
    start(batch)
    batch = []
    await pool.ready()
    if (failures.length > 0) break
  }
  start(batch)
  await Promise.all(running)
  options.signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]
  return sorted(tree)
}

/** The root itself may be reached through a link (a mount point, a mapped path); nothing below it. */
async function rootOf(from: string): Promise<string> {
  try {
    return longPath(await realpath(from), process.platform)
  } catch (thrown) {
    throw fileProblem(thrown, from, 'Opening')
  }
}

async function copyBatch(pool: Pool, batch: readonly FoundFile[], tree: CopiedTree): Promise<void> {
  if (batch.length === 0) return
  const results = await pool.run({ kind: 'copy', alone: false, files: batch.map(({ from, to }) => ({ from, to })) })
  await Promise.all(
    batch.map(async (found, index) => {
      let result = results[index]
      if (result && 'large' in result)
        [result] = await pool.run({ kind: 'copy', alone: true, files: [{ from: found.from, to: found.to }] })
      if (!result || 'large' in result) throw new Problem('unexpected', { subject: found.name, message: 'No answer.' })
      if ('skipped' in result) tree.skipped.push({ name: found.name, reason: result.skipped })
      else if ('fault' in result) noteFault(found, result, tree)
      else {
        tree.files.push({ name: found.name, path: found.path, rawName: found.bytes, ...result })
        tree.bytes += result.bytes
      }
    }),
  )
}

function noteFault(found: FoundFile, fault: Fault, tree: CopiedTree): void {
  if (fault.side === 'target') throw faultProblem(found.to, fault)
  tree.faults.push({ name: found.name, code: fault.fault, system: fault.system })
}

function note(found: Exclude<Found, FoundFile>, tree: CopiedTree): void {
  const { type, ...rest } = found
  switch (type) {
    case 'folder':
      tree.folders.push(rest as CopiedFolder)
      break
    case 'skipped':
      tree.skipped.push(rest as CopiedTree['skipped'][number])
      break
    case 'fault':
      tree.faults.push(rest as CopyFault)
  }
}

function sorted(tree: CopiedTree): CopiedTree {
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  for (const list of [tree.files, tree.folders, tree.skipped, tree.faults]) list.sort(byName)
  return tree
}
