/** What a worker does with one file that comes back: beside its place, flushed and proved, and only then under its name. */
import { randomBytes } from 'node:crypto'
import { linkSync, lstatSync, renameSync, rmSync, unlinkSync, utimesSync, type Stats } from 'node:fs'
import { sep } from 'node:path'
import { systemCode } from '../../base/problem.ts'
import {
  copyOne,
  faultOf,
  folderOf,
  hashOne,
  makeReadOnly,
  pathOf,
  settleOne,
  type Fault,
  type RawPath,
  type Way,
} from './tasks.ts'

/** A file that shall be there, and how it is proved. */
export interface Wanted {
  from: string
  to: RawPath
  bytes: number
  /** Hexadecimal, lower case. */
  sha256: string
  /** Null: not known. */
  modifiedMs: number | null
  readOnly: boolean
}

/**
 * `back`: it is there now, `timed`: with its time; `there`: it was there, with these bytes; `differs`: something else has its
 * place; `damaged`: what was read is not what is wanted. `is`: how, as the rest of a sentence about the file.
 */
export type PutResult =
  | { put: 'back'; timed: boolean }
  | { put: 'there' }
  | { put: 'differs' | 'damaged'; is: string }
  | Fault
  | { large: true }

const temporaryName = /^\.holdfast-[0-9a-f]{32}\.part$/

/** Whether a try that was broken off left this file. */
export function isTemporaryName(name: string): boolean {
  return temporaryName.test(name)
}

/** `mayWrite` is asked right before a file gets its name; false: it gets none. It may wait. */
export interface PutWay extends Way {
  mayWrite: () => boolean
}

/** Replaces nothing, follows no link and leaves nothing beside. Its folder must be there. */
export async function putOne(file: Wanted, way: PutWay): Promise<PutResult> {
  const to = pathOf(file.to)
  try {
    const there = lstatSync(to, { throwIfNoEntry: false })
    return there ? await judge(there, file, way) : await putNew(to, file, way)
  } catch (thrown) {
    return faultOf(thrown, 'target')
  }
}

async function judge(there: Stats, { to, bytes, sha256 }: Wanted, way: Way): Promise<PutResult> {
  if (there.isSymbolicLink()) return { put: 'differs', is: 'a link is in its place' }
  if (!there.isFile()) return { put: 'differs', is: 'something that is not a file is in its place' }
  const differs = { put: 'differs', is: 'is there with other content' } as const
  if (there.size !== bytes) return differs
  const hashed = await hashOne(to, way)
  if ('large' in hashed) return hashed
  if ('fault' in hashed) return { ...hashed, side: hashed.fault === 'interrupted' ? hashed.side : 'target' }
  return hashed.sha256 === sha256 ? { put: 'there' } : differs
}

async function putNew(to: string | Buffer, file: Wanted, way: PutWay): Promise<PutResult> {
  const temporary = beside(to)
  try {
    const source = lstatSync(file.from, { throwIfNoEntry: false })
    if (source && !source.isFile()) return { put: 'damaged', is: 'is not a plain file in the set' }
    const copied = await copyOne(file.from, temporary, { ...way, keepFree: 0 })
    if ('large' in copied || 'fault' in copied) return copied
    if ('skipped' in copied) return { put: 'damaged', is: copied.skipped.why }
    if (copied.bytes !== file.bytes || copied.sha256 !== file.sha256)
      return { put: 'damaged', is: 'its SHA-256 is not the one in the manifest' }
    const lost = settleOne(temporary, file.bytes)
    if (lost !== null) return { fault: 'file-not-kept', system: lost, side: 'target' }
    const timed = setTime(temporary, file.modifiedMs)
    const { ino } = lstatSync(temporary)
    if (way.stopped() || !way.mayWrite()) return { fault: 'interrupted', system: 'stopped', side: 'target' }
    const there = place(temporary, to)
    if (there) return await judge(there, file, way)
    if (file.readOnly) makeReadOnly(to, ino)
    return { put: 'back', timed }
  } finally {
    rmSync(temporary, { force: true })
  }
}

function beside(to: string | Buffer): string | Buffer {
  const name = `.holdfast-${randomBytes(16).toString('hex')}.part`
  const folder = folderOf(to)
  return typeof folder === 'string' ? `${folder}${sep}${name}` : Buffer.concat([folder, Buffer.from(`${sep}${name}`)])
}

/** False where the share keeps the time for itself; the content counts. */
function setTime(path: string | Buffer, modifiedMs: number | null): boolean {
  if (modifiedMs === null) return true
  try {
    utimesSync(path, modifiedMs / 1000, modifiedMs / 1000)
    return true
  } catch {
    return false
  }
}

/**
 * A second name is refused where something has it, and a rename is not: so the first is tried. Some shares have no second
 * names; there, a look right before has to do. Gives what has the name; undefined: the file has it.
 */
function place(temporary: string | Buffer, to: string | Buffer): Stats | undefined {
  try {
    linkSync(temporary, to)
  } catch (thrown) {
    const there = lstatSync(to, { throwIfNoEntry: false })
    if (there || systemCode(thrown) === 'EEXIST') return there ?? lstatSync(to)
    renameSync(temporary, to)
    return undefined
  }
  unlinkSync(temporary)
  return undefined
}
