import { chmod, lstat, lutimes, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { batchesOf } from '../base/batches.ts'
import { Problem, systemCode, toProblem } from '../base/problem.ts'
import { oneLine } from '../base/text.ts'
import { isVolumeFolder } from '../domain/volume-folders.ts'
import { syncFolder } from '../drivers/files/durable.ts'
import { isRealFolder, makeFolder } from '../drivers/files/folder.ts'
import { createLeave, type Leave } from '../drivers/files/leave.ts'
import { longPath } from '../drivers/files/long-path.ts'
import { fileProblem, isUnreachable, oddityOf } from '../drivers/files/problem.ts'
import { putFiles, type PutBack } from '../drivers/files/put-back.ts'
import type { Wanted } from '../drivers/files/put.ts'
import { isShareLost } from '../drivers/files/share.ts'
import { surveyTarget } from '../drivers/files/survey.ts'
import { pathBelow, type RawName } from '../drivers/files/walk.ts'
import type { Listed, ListedFile, ListedFolder, ListingReading } from './listing-reading.ts'
import { originalName, type ListedName } from './original-name.ts'

/** What came of putting a file store back. */
export interface StoreBack {
  /** Written now; and what had been there with the same bytes. */
  back: { files: number; bytes: number }
  there: { files: number; bytes: number }
  /** What is there and the set does not know. */
  beyond: { files: number; folders: number }
  /** Files and folders whose time the share keeps for itself. */
  untimed: number
  /** What the set left out itself, by reason. */
  leftOut: Map<string, number>
  /** What is not back; the first few with the reason. */
  failed: { count: number; names: string[] }
}

export interface PutOptions {
  signal: AbortSignal
  steps: Int32Array<SharedArrayBuffer>
  onPercent: (percent: number) => void
  /** Asked before anything is written, and again as that goes on: what it throws ends the work. */
  expectOurs: () => Promise<void>
}

const mostNamed = 5
const longestName = 200
/** Folders remembered as made or looked at. */
const mostFolders = 4096

/**
 * Puts the files of a listing from `from` below `to`, which must be there: original names, times and read-only flags, each
 * file proved before it has its name. Replaces and deletes nothing but temporary files of an earlier try. One file that cannot
 * be put back is counted; throws a Problem where the whole cannot: no room, `share-unreachable`, `file-gone`, `set-damaged`.
 */
export async function putStoreBack(
  listing: ListingReading,
  from: string,
  to: string,
  { signal, steps, onPercent, expectOurs }: PutOptions,
): Promise<StoreBack> {
  const root = await rootOf(to)
  const found = await surveyTarget(root.path, isVolumeFolder, signal, steps)
  const store: StoreBack = {
    back: { files: 0, bytes: 0 },
    there: { files: 0, bytes: 0 },
    beyond: { files: 0, folders: 0 },
    untimed: 0,
    leftOut: new Map<string, number>(),
    failed: { count: 0, names: [] },
  }
  const leave = createLeave(expectOurs)
  const place = { from: longPath(from, process.platform), root, steps, leave }
  const target: Target = { ...place, store, known: new Set(), folders: 0 }
  let differing = 0
  let done = 0
  for await (const { name, bytes, result } of putFiles(wanted(listing, target), signal, steps, leave)) {
    done += bytes
    onPercent(Math.floor((100 * done) / Math.max(1, listing.bytes)))
    if ('fault' in result) await refuse(name, result, target)
    else if (result.put === 'back' || result.put === 'there') {
      const sum = store[result.put]
      sum.files += 1
      sum.bytes += bytes
      if (result.put === 'back' && !result.timed) store.untimed += 1
    } else {
      if (result.put === 'differs') differing += 1
      fail(store, name, result.is)
    }
  }
  await expectRoot(root)
  if (store.failed.count === 0) await settleFolders(listing, target, signal)
  store.beyond.files = Math.max(0, found.files - store.there.files - differing)
  store.beyond.folders = Math.max(0, found.folders - target.folders)
  return store
}

interface Root {
  path: string
  /** The file system that it is on. */
  device: number
}

interface Target {
  from: string
  root: Root
  steps: Int32Array<SharedArrayBuffer>
  leave: Leave
  store: StoreBack
  /** Folders that were made or looked at, by name. */
  known: Set<string>
  /** Listed folders that had been there. */
  folders: number
}

/** It may be reached through a link; nothing below it. */
async function rootOf(to: string): Promise<Root> {
  try {
    const path = longPath(await realpath(to), process.platform)
    const stats = await stat(path)
    if (!stats.isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
    return { path, device: stats.dev }
  } catch (thrown) {
    throw fileProblem(thrown, to, 'Opening')
  }
}

/** What was mounted there must not go away, or the rest would land in what was hidden below. */
async function expectRoot({ path, device }: Root): Promise<void> {
  const seen = await stat(path).catch((thrown: unknown) => {
    throw fileProblem(thrown, path, 'Looking at')
  })
  if (seen.dev === device) return
  throw new Problem('share-unreachable', {
    subject: path,
    message: `The share at ${path} went away in the middle: another file system is there now.`,
    hint: 'Connect the share again; what is back stays, and the next attempt goes on.',
  })
}

/** The files of the listing; folders are made on the way. */
async function* wanted(listing: ListingReading, target: Target): AsyncGenerator<Wanted & { name: string }> {
  for await (const entry of listing.entries()) {
    Atomics.add(target.steps, 0, 1)
    if (entry.type === 'skipped') {
      const { leftOut } = target.store
      leftOut.set(entry.notTaken, (leftOut.get(entry.notTaken) ?? 0) + 1)
      continue
    }
    const parts = await placeFor(entry, target)
    if (parts && entry.type === 'file') yield wantedOf(entry, parts, target)
  }
}

function wantedOf(entry: ListedFile, parts: readonly RawName[], { from, root }: Target): Wanted & { name: string } {
  const { name, path, bytes, sha256, modifiedAt, readOnly } = entry
  const modifiedMs = modifiedAt === null ? null : Date.parse(modifiedAt)
  return { name, from: join(from, path), to: below(root, parts), bytes, sha256, modifiedMs, readOnly }
}

/** Where an entry belongs, its folder made; null: there can be no such place, which is counted. */
async function placeFor(entry: ListedName & Listed, target: Target): Promise<RawName[] | null> {
  const original = originalName(entry, process.platform)
  if ('odd' in original) {
    fail(target.store, entry.name, original.odd)
    return null
  }
  const { parts } = original
  const depth = entry.type === 'folder' ? parts.length : parts.length - 1
  for (let length = 1; length <= depth; length++) {
    const path = below(target.root, parts.slice(0, length))
    const key = typeof path === 'string' ? path : Buffer.from(path).toString('latin1')
    if (target.known.has(key)) continue
    await target.leave.renew()
    try {
      await expectRoot(target.root)
      const isNew = await makeFolder(path)
      if (!isNew && entry.type === 'folder' && length === depth) target.folders += 1
    } catch (thrown) {
      await refuseFolder(thrown, entry.name, path, target)
      return null
    }
    if (target.known.size >= mostFolders) target.known.clear()
    target.known.add(key)
  }
  return parts
}

function below(root: Root, parts: readonly RawName[]): string | Buffer {
  return parts.reduce<string | Buffer>((folder, part) => pathBelow(folder, part), root.path)
}

async function refuseFolder(thrown: unknown, name: string, path: string | Buffer, target: Target): Promise<void> {
  const odd = oddityOf(thrown)
  const system = systemCode(thrown)
  if (odd !== null) fail(target.store, name, `${String(path)} ${odd}`)
  else if (system === null) throw thrown
  else
    await refuse(name, { fault: toProblem(fileProblem(thrown, name, 'Making')).code, system, side: 'target' }, target)
}

/** One file may be refused; a share that is gone or full is no fault of one. */
async function refuse(
  name: string,
  { fault, system, side }: Extract<PutBack['result'], { fault: unknown }>,
  { from, root, store }: Target,
): Promise<void> {
  const place = side === 'source' ? from : root.path
  if (fault === 'file-no-space' || fault === 'location-full') throw noSpace(place)
  if (await isShareLost(system, place)) {
    throw new Problem('share-unreachable', {
      subject: place,
      message: `The share at ${place} went away in the middle (${system}).`,
      hint: 'Connect the share again; what is back stays, and the next attempt goes on.',
    })
  }
  await expectRoot(root)
  if (side === 'source') await expectSource(from)
  fail(store, name, side === 'source' ? `cannot be read in the set (${system})` : `cannot be written (${system})`)
}

async function expectSource(from: string): Promise<void> {
  await lstat(from).catch((thrown: unknown) => {
    throw fileProblem(thrown, from, 'Looking at')
  })
}

function noSpace(root: string): Problem {
  return new Problem('file-no-space', {
    subject: root,
    message: `There is no room for all of the file store at ${root}.`,
    hint: 'Make room on that volume; what is back stays, and the next attempt goes on.',
  })
}

function fail({ failed }: StoreBack, name: string, why: string): void {
  failed.count += 1
  if (failed.names.length < mostNamed) failed.names.push(`${oneLine(name, longestName)} ${oneLine(why, longestName)}`)
}

/** Only now, for whatever is put into a folder changes its time. In any order: to set a time changes no other. */
async function settleFolders(listing: ListingReading, target: Target, signal: AbortSignal): Promise<void> {
  await syncFolder(target.root.path)
  for await (const batch of batchesOf(foldersOf(listing))) {
    signal.throwIfAborted()
    await target.leave.renew()
    await Promise.all(batch.map((folder) => settleFolder(folder, target)))
  }
}

async function* foldersOf(listing: ListingReading): AsyncGenerator<ListedFolder> {
  for await (const entry of listing.entries()) if (entry.type === 'folder') yield entry
}

async function settleFolder(folder: ListedFolder, { root, steps, store }: Target): Promise<void> {
  const original = originalName(folder, process.platform)
  if ('odd' in original) return // counted before
  Atomics.add(steps, 0, 1)
  const path = below(root, original.parts)
  await syncFolder(path)
  try {
    if (!(await isRealFolder(path))) throw Object.assign(new Error('not a folder any more'), { code: 'ENOTDIR' })
    if (folder.modifiedAt !== null) {
      const modified = Date.parse(folder.modifiedAt) / 1000
      await lutimes(path, modified, modified)
    }
    if (folder.readOnly) await chmod(path, (await lstat(path)).mode & 0o555)
  } catch (thrown) {
    if (isUnreachable(systemCode(thrown))) throw fileProblem(thrown, String(path), 'Setting the time of')
    store.untimed += 1
  }
}
