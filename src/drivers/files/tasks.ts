/** What a worker does with one file. Small files synchronously, which is several times faster; large ones overlapped. */
import { createHash, hash } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { dirname, sep } from 'node:path'
import type { Skip } from '../../domain/not-taken.ts'
import { oddities, vanished } from './oddities.ts'
import { fileCode, isRefused } from './problem.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'
import { systemCode } from '../../base/problem.ts'
import { pump, pumpOverlapped } from './pump.ts'
import { hasRoom } from './room.ts'

/** A path as text, or as bytes where it is not valid UTF-8. */
export type RawPath = string | Uint8Array

export interface Fault {
  fault: ProblemCode
  /** The system's own code, such as `EACCES`. */
  system: string
  /** Which side failed. What fails on the target concerns every further file too. */
  side: 'source' | 'target'
}

export interface Copied {
  bytes: number
  sha256: string
  modifiedMs: number
  createdMs: number
  readOnly: boolean
  /** It went on changing while it was read, again and again. */
  changed: boolean
}

export type CopyResult = Copied | Fault | { skipped: Skip } | { large: true }
export type HashResult = { bytes: number; sha256: string } | Fault | { large: true }

export const stoppedFault: Fault = { fault: 'interrupted', system: 'stopped', side: 'source' }

const fullFault: Fault = { fault: 'location-full', system: 'full', side: 'target' }

/** So much is written before room is looked at again. */
const betweenLooks = 4 * 1024 ** 2
let sinceLook = betweenLooks

/** Above this a file is handled alone and overlapped. */
const largeBytes = 1024 * 1024
const attempts = 3
const noFollow = constants.O_NOFOLLOW as number | undefined
const readFlags = constants.O_RDONLY | (noFollow ?? 0)
/** On a share of sets there may be anything in the place of a file. */
const plainFlags = readFlags | ((constants.O_NONBLOCK as number | undefined) ?? 0)
const writeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (noFollow ?? 0)
const buffer = Buffer.allocUnsafeSlow(largeBytes + 1)

export interface Way {
  /** One file, whatever its size; else a large one is put off. */
  alone: boolean
  /** Processors idle meanwhile: the steps of a large file may overlap. */
  spare: boolean
  stopped: () => boolean
}

/** A way to write: so many bytes are left free where it goes. */
export interface CopyWay extends Way {
  keepFree: number
}

/** Copies one file, which must not be there yet. Follows no link. */
export async function copyOne(from: RawPath, to: RawPath, way: CopyWay): Promise<CopyResult> {
  const source = pathOf(from)
  let descriptor: number
  const target = pathOf(to)
  try {
    descriptor = openSync(source, readFlags)
  } catch (thrown) {
    return unopened(thrown)
  }
  try {
    const before = fstatSync(descriptor)
    if (!before.isFile()) return { skipped: oddities.other }
    if (way.stopped()) return stoppedFault
    if (before.size > largeBytes) return way.alone ? await copyLarge(source, descriptor, target, way) : { large: true }
    return copySmall(source, descriptor, before, target, way)
  } catch (thrown) {
    return faultOf(thrown, 'source')
  } finally {
    closeSync(descriptor)
  }
}

function unopened(thrown: unknown): CopyResult {
  const code = systemCode(thrown)
  if (code === 'ENOENT') return { skipped: vanished }
  if (code === 'ELOOP') return { skipped: oddities.link }
  return faultOf(thrown, 'source')
}

function copySmall(
  source: string | Buffer,
  descriptor: number,
  first: Stats,
  to: string | Buffer,
  { stopped, keepFree }: CopyWay,
): CopyResult {
  let before = first
  for (let attempt = 1; ; attempt++) {
    const bytes = readWhole(descriptor)
    const after = statAfter(source, descriptor)
    const changed = bytes > largeBytes || isChanged(before, after, bytes)
    if (changed && attempt < attempts) {
      before = fstatSync(descriptor)
      continue
    }
    if (bytes > largeBytes) return { large: true }
    const content = buffer.subarray(0, bytes)
    const sha256 = hash('sha256', content, 'hex')
    if (stopped()) return stoppedFault // the copy may have been given up while the source did not answer
    if (!hasRoomNow(to, keepFree, bytes)) return fullFault
    const failed = writeNew(to, content)
    return failed ?? { bytes, sha256, ...factsOf(after), changed }
  }
}

/** Reads from the start into `buffer`; more than `largeBytes` means that it grew. */
function readWhole(descriptor: number): number {
  let done = 0
  while (done < buffer.length) {
    const count = readSync(descriptor, buffer, done, buffer.length - done, done)
    if (count === 0) break
    done += count
  }
  return done
}

function writeNew(to: string | Buffer, content: Buffer): Fault | null {
  try {
    const target = openSync(to, writeFlags)
    try {
      let done = 0
      while (done < content.length) done += writeSync(target, content, done)
    } finally {
      closeSync(target)
    }
    return null
  } catch (thrown) {
    return faultOf(thrown, 'target')
  }
}

/** Looks at the first file, and then now and then: others write there too. */
function hasRoomNow(to: string | Buffer, keepFree: number, bytes: number): boolean {
  sinceLook += bytes
  if (sinceLook < betweenLooks) return true
  if (!hasRoom(folderOf(to), keepFree, bytes)) return false // the next file looks again
  sinceLook = 0
  return true
}

async function copyLarge(
  source: string | Buffer,
  descriptor: number,
  to: string | Buffer,
  { spare, stopped, keepFree }: CopyWay,
): Promise<CopyResult> {
  for (let attempt = 1; ; attempt++) {
    const before = fstatSync(descriptor)
    const onDisk = onDiskBytes(before)
    if (!hasRoom(folderOf(to), keepFree, onDisk)) return fullFault
    const digest = createHash('sha256')
    const room = { isThere: true }
    const take = (chunk: Buffer): void => {
      digest.update(chunk)
      room.isThere &&= hasRoomNow(to, keepFree, chunk.length)
    }
    let target: number
    try {
      target = openSync(to, writeFlags)
    } catch (thrown) {
      return faultOf(thrown, 'target')
    }
    const pumped = await (spare ? pumpOverlapped : pump)(
      descriptor,
      { descriptor: target, sparse: onDisk < before.size },
      take,
      () => !room.isThere || stopped(),
    )
    try {
      closeSync(target) // on some shares only this shows that nothing was kept
    } catch (thrown) {
      return faultOf(thrown, 'target')
    }
    if (!room.isThere) {
      rmSync(to) // the other items may need what it took
      return fullFault
    }
    if ('failed' in pumped) {
      if (pumped.side === 'source') rmSync(to, { force: true }) // it is tried again
      return faultOf(pumped.failed, pumped.side)
    }
    const after = statAfter(source, descriptor)
    const changed = isChanged(before, after, pumped.bytes)
    if (!changed || attempt === attempts)
      return { bytes: pumped.bytes, sha256: digest.digest('hex'), ...factsOf(after), changed }
    rmSync(to)
  }
}

/** What it takes of its disk: less than its size where it has holes. */
function onDiskBytes({ size, blocks }: Stats): number {
  return Math.min(size, blocks * 512)
}

/** By path, so that a file put in its place is noticed; gone by now: as the open handle sees it. */
function statAfter(source: string | Buffer, descriptor: number): Stats {
  return lstatSync(source, { throwIfNoEntry: false }) ?? fstatSync(descriptor)
}

function isChanged(before: Stats, after: Stats, bytes: number): boolean {
  return (
    before.size !== after.size || bytes !== after.size || before.mtimeMs !== after.mtimeMs || before.ino !== after.ino
  )
}

function factsOf(stats: Stats): { modifiedMs: number; createdMs: number; readOnly: boolean } {
  return { modifiedMs: stats.mtimeMs, createdMs: stats.birthtimeMs, readOnly: (stats.mode & 0o200) === 0 }
}

/** SHA-256 of one file. Follows no link, and waits for no pipe. */
export async function hashOne(path: RawPath, way: Way): Promise<HashResult> {
  try {
    const descriptor = openSync(pathOf(path), plainFlags)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile()) return { fault: 'file-failed', system: 'not a plain file', side: 'source' }
      const { size } = stats
      if (size > largeBytes) return way.alone ? await hashLarge(descriptor, way) : { large: true }
      const bytes = readWhole(descriptor)
      if (bytes > largeBytes) return await hashLarge(descriptor, way)
      return { bytes, sha256: hash('sha256', buffer.subarray(0, bytes), 'hex') }
    } finally {
      closeSync(descriptor)
    }
  } catch (thrown) {
    return faultOf(thrown, 'source')
  }
}

async function hashLarge(descriptor: number, { spare, stopped }: Way): Promise<HashResult> {
  const digest = createHash('sha256')
  const pumped = await (spare ? pumpOverlapped : pump)(descriptor, null, (chunk) => digest.update(chunk), stopped)
  if ('failed' in pumped) return faultOf(pumped.failed, pumped.side)
  return { bytes: pumped.bytes, sha256: digest.digest('hex') }
}

/** Flushes a finished file and reads its size and last block back through a new handle; null: as it should be. */
export function settleOne(file: RawPath, bytes: number): string | null {
  const path = pathOf(file)
  try {
    flush(path)
    const descriptor = openSync(path, readFlags)
    try {
      const { size } = fstatSync(descriptor)
      if (size !== bytes) return `has ${size} bytes and not ${bytes}`
      const tail = Math.min(bytes, 4096)
      const read = readSync(descriptor, buffer, 0, tail, bytes - tail)
      return read === tail ? null : 'cannot be read to its end'
    } finally {
      closeSync(descriptor)
    }
  } catch (thrown) {
    return systemCode(thrown) ?? String(thrown)
  }
}

/** A file that SQL Server wrote may be closed to our writing: then it is only read back. */
function flush(path: string | Buffer): void {
  try {
    const descriptor = openSync(path, constants.O_RDWR | (noFollow ?? 0))
    try {
      fdatasyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (thrown) {
    if (!isRefused(thrown)) throw thrown
  }
}

/** Takes the right to write from a file, if it is still this one. Follows no link. */
export function makeReadOnly(path: string | Buffer, inode: number): void {
  const descriptor = openSync(path, plainFlags)
  try {
    const { ino, mode } = fstatSync(descriptor)
    if (ino === inode) fchmodSync(descriptor, mode & 0o555)
  } finally {
    closeSync(descriptor)
  }
}

export function faultOf(thrown: unknown, side: Fault['side']): Fault {
  return { fault: fileCode(thrown), system: systemCode(thrown) ?? String(thrown), side }
}

export function pathOf(path: RawPath): string | Buffer {
  return typeof path === 'string' ? path : Buffer.from(path)
}

/** The folder that it is in. */
export function folderOf(path: string | Buffer): string | Buffer {
  return typeof path === 'string' ? dirname(path) : path.subarray(0, path.lastIndexOf(sep))
}
