import { lstat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'

export type EntryKind = 'file' | 'folder' | 'link' | 'other'

/**
 * What an entry of a listing is. On Windows a listing calls everything with a reparse point a link, also the files of a
 * deduplicated or tiered volume; the entry itself says which it is. `path`: its own,
 * asked for only then. Throws the system's own errors.
 */
export async function kindOfEntry(entry: Dirent | Dirent<Buffer>, path: () => string | Buffer): Promise<EntryKind> {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  const stats = await lstat(path())
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other'
}
