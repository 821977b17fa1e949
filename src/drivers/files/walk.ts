import { lstat, mkdir, readdir } from 'node:fs/promises'
import { isUtf8 } from 'node:buffer'
import type { Dirent } from 'node:fs'
import { sep } from 'node:path'
import { systemCode } from '../../base/problem.ts'
import type { Skip } from '../../domain/not-taken.ts'
import { kindOfEntry, type EntryKind } from './entry-kind.ts'
import { oddities, vanished } from './oddities.ts'
import { fileCode, fileProblem } from './problem.ts'
import type { ProblemCode } from '../../base/problem-codes.ts'
import type { RawPath } from './tasks.ts'

/** A name as the file system gave it: text, or bytes where it is not valid UTF-8. */
export type RawName = string | Uint8Array

export interface WalkOptions {
  /** Why this is left out; null: it is not. `name` is relative to the root, with `/`. Asked before a folder is opened. */
  skip(name: string, kind: EntryKind): Skip | null
  /** Names for the target, one for each name of one folder. */
  escape(names: readonly RawName[]): readonly string[]
  signal: AbortSignal
}

export interface CopiedFolder {
  name: string
  path: string
  /** Null where it was gone by then. */
  modifiedMs: number | null
  createdMs: number | null
  readOnly: boolean
  empty: boolean
}

export interface CopyFault {
  code: ProblemCode
  /** The system's own code, such as `EACCES`. */
  system: string
}

/** What a walk comes upon; a `file` is still to be copied. `refused`: it could not be looked at; `folder`: to walk again. */
export type Found =
  | FoundFile
  | ({ type: 'folder' } & CopiedFolder)
  | ({ type: 'skipped'; name: string } & Skip)
  | ({ type: 'refused'; name: string; folder: Folder | null } & CopyFault)

export interface FoundFile extends Folder {
  type: 'file'
  bytes: Uint8Array | null
}

export interface Folder {
  /** Relative to the root, with `/`: as it is called, and as it is called in the target. */
  name: string
  path: string
  /** Absolute. */
  from: RawPath
  to: string
}

/** The folder that a walk begins with. */
export function rootFolder(from: string, to: string): Folder {
  return { name: '', path: '', from, to }
}

/** Every file and folder below these, folders made in the target on the way. Never follows a link; depth costs no stack. */
export async function* walk(folders: readonly Folder[], options: WalkOptions): AsyncGenerator<Found> {
  const open = [...folders]
  for (let folder = open.pop(); folder; folder = open.pop()) {
    let entries: Entry[]
    try {
      entries = await list(folder.from)
    } catch (thrown) {
      if (folder.name === '') throw fileProblem(thrown, String(folder.from), 'Listing')
      yield unseen(folder.name, thrown, folder)
      continue
    }
    options.signal.throwIfAborted()
    if (folder.name !== '') {
      await mkdir(folder.to).catch((thrown: unknown) => {
        throw fileProblem(thrown, folder.to, 'Making the folder')
      })
      yield await folderFacts(folder, entries.length === 0)
    }
    const names = options.escape(entries.map(({ raw }) => raw))
    for (const [index, entry] of entries.entries()) {
      const child = childOf(folder, entry, names[index] ?? '')
      const { kind } = entry
      if (typeof kind === 'object') {
        yield unseen(child.name, kind.thrown, null)
        continue
      }
      const skip = options.skip(child.name, kind) ?? (kind === 'link' || kind === 'other' ? oddities[kind] : null)
      if (skip !== null) yield { type: 'skipped', name: child.name, ...skip }
      else if (kind === 'folder') open.push(child)
      else yield { type: 'file', ...child, bytes: typeof entry.raw === 'string' ? null : entry.raw }
    }
  }
}

/** What cannot be looked at was listed a moment ago: it vanished, or it is refused. */
function unseen(name: string, thrown: unknown, folder: Folder | null): Found {
  return systemCode(thrown) === 'ENOENT'
    ? { type: 'skipped', name, ...vanished }
    : { type: 'refused', name, folder, code: fileCode(thrown), system: systemCode(thrown) ?? String(thrown) }
}

export interface Entry {
  raw: RawName
  kind: EntryKind | { thrown: unknown }
}

/** What is in a folder. Throws the system's own errors; those about one entry are in its kind. */
export async function list(folder: RawPath): Promise<Entry[]> {
  if (typeof folder === 'string') {
    const entries = await readdir(folder, { withFileTypes: true })
    // A replacement character may replace bytes that are not UTF-8: then the bytes are asked for.
    if (!entries.some(({ name }) => name.includes('\uFFFD')))
      return Promise.all(entries.map((dirent) => entryOf(folder, dirent, dirent.name)))
  }
  const path = typeof folder === 'string' ? folder : Buffer.from(folder)
  const entries = await readdir(path, { withFileTypes: true, encoding: 'buffer' })
  return Promise.all(
    entries.map((dirent) => entryOf(folder, dirent, isUtf8(dirent.name) ? dirent.name.toString() : dirent.name)),
  )
}

async function entryOf(folder: RawPath, dirent: Dirent | Dirent<Buffer>, raw: RawName): Promise<Entry> {
  try {
    return { raw, kind: await kindOfEntry(dirent, () => pathBelow(folder, raw)) }
  } catch (thrown) {
    return { raw, kind: { thrown } }
  }
}

/** The path of an entry of a folder. */
export function pathBelow(folder: RawPath, raw: RawName): string | Buffer {
  return typeof raw === 'string' && typeof folder === 'string'
    ? `${folder}${folder.endsWith(sep) ? '' : sep}${raw}`
    : Buffer.concat([Buffer.from(folder), Buffer.from(sep), Buffer.from(raw)])
}

function childOf(folder: Folder, { raw }: Entry, escaped: string): Folder {
  const shown = typeof raw === 'string' ? raw : Buffer.from(raw).toString()
  const prefix = folder.name === '' ? '' : '/'
  return {
    name: `${folder.name}${prefix}${shown}`,
    path: `${folder.path}${prefix}${escaped}`,
    from: pathBelow(folder.from, raw),
    to: `${folder.to}${sep}${escaped}`,
  }
}

async function folderFacts({ name, path, from }: Folder, empty: boolean): Promise<Found> {
  const stats = await lstat(typeof from === 'string' ? from : Buffer.from(from)).catch(() => null)
  return {
    type: 'folder',
    name,
    path,
    modifiedMs: stats?.mtimeMs ?? null,
    createdMs: stats?.birthtimeMs ?? null,
    readOnly: stats !== null && (stats.mode & 0o200) === 0,
    empty,
  }
}
