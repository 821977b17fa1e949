import { close, constants, fstat, open as openDescriptor } from 'node:fs'
import { lstat, open, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { systemCode } from '../../base/problem.ts'
import { formatSize } from '../../base/units.ts'
import { oddEntry } from './problem.ts'

export const MiB = 1024 * 1024

/** No record of ours comes near this; the manifest of a million files does not either. */
export const mostRecordBytes = 64 * MiB
export const mostManifestBytes = 512 * MiB
/** A list of copies: a line for each item of a policy. */
export const mostCopyListBytes = 16 * MiB
/** Pointer, identity: a few lines. */
export const mostLineBytes = 64 * 1024

// Systems without these flags have no such links and no such files.
const noFollow = (constants.O_NOFOLLOW as number | undefined) ?? 0
const noWaiting = (constants.O_NONBLOCK as number | undefined) ?? 0

/**
 * The one reader of small files on a share, where anybody may put anything: only a plain file of at most `mostBytes` is
 * read, no link is followed, and nothing that a file can be makes it wait. Throws Problem `share-entry-odd` for anything
 * else, and the system's own errors.
 */
export async function readSmallFile(path: string, mostBytes: number): Promise<Buffer> {
  const { handle, size } = await openPlainFile(path, mostBytes)
  await using _closed = handle
  let buffer = Buffer.allocUnsafe(size + 1) // the byte more shows that it ends where it says: no second question
  for (let bytes = 0; ;) {
    const { bytesRead } = await handle.read(buffer, bytes, buffer.length - bytes, bytes)
    bytes += bytesRead
    if (bytesRead === 0 || bytes === size) return buffer.subarray(0, bytes)
    if (bytes > mostBytes) throw oddEntry(path, `grows while it is read, beyond ${formatSize(mostBytes)}`)
    if (bytes === buffer.length) buffer = Buffer.concat([buffer], Math.min(bytes + MiB, mostBytes + 1))
  }
}

/** The same file, to be read piece by piece and closed: how large it was when it was opened. Throws the same. */
export async function openPlainFile(path: string, mostBytes: number): Promise<{ handle: FileHandle; size: number }> {
  const handle = await opened(path, open)
  try {
    const stats = await handle.stat()
    const { size } = stats
    if (!stats.isFile()) throw oddEntry(path, 'is not a plain file')
    if (size > mostBytes) throw oddEntry(path, `has ${formatSize(size)}, and at most ${formatSize(mostBytes)} are read`)
    return { handle, size }
  } catch (thrown) {
    await handle.close()
    throw thrown
  }
}

/** The same for a reader that closes the descriptor itself. Throws the same. */
export async function openPlainDescriptor(path: string): Promise<number> {
  const descriptor = await opened(path, promisify(openDescriptor))
  const stats = await promisify(fstat)(descriptor)
  if (stats.isFile()) return descriptor
  await promisify(close)(descriptor)
  throw oddEntry(path, 'is not a plain file')
}

async function opened<T>(path: string, open: (path: string, flags: number) => Promise<T>): Promise<T> {
  // Where the system has no flag against links, this look is all there is.
  if (noFollow === 0 && !(await lstat(path)).isFile()) throw oddEntry(path, 'is not a plain file')
  try {
    return await open(path, constants.O_RDONLY | noFollow | noWaiting)
  } catch (thrown) {
    throw systemCode(thrown) === 'ELOOP' ? oddEntry(path, 'is a link') : thrown
  }
}
