import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { systemCode } from '../../base/problem.ts'
import { formatSize } from '../../base/units.ts'
import { oddEntry } from './problem.ts'

const MiB = 1024 * 1024

/** No record of ours comes near this; the manifest of a million files does not either. */
export const mostRecordBytes = 64 * MiB
export const mostManifestBytes = 512 * MiB
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
  // Where the system has no flag against links, this look is all there is.
  if (noFollow === 0 && !(await lstat(path)).isFile()) throw oddEntry(path, 'is not a plain file')
  await using handle = await open(path, constants.O_RDONLY | noFollow | noWaiting).catch((thrown: unknown) => {
    throw systemCode(thrown) === 'ELOOP' ? oddEntry(path, 'is a link') : thrown
  })
  const stats = await handle.stat()
  const { size } = stats
  if (!stats.isFile()) throw oddEntry(path, 'is not a plain file')
  if (size > mostBytes) throw oddEntry(path, `has ${formatSize(size)}, and at most ${formatSize(mostBytes)} are read`)
  const chunks: Buffer[] = []
  let bytes = 0
  for (let wanted = size + 1; ; wanted = MiB) {
    const chunk = Buffer.allocUnsafe(Math.min(wanted, mostBytes + 1 - bytes))
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, bytes)
    if (bytesRead === 0) return Buffer.concat(chunks, bytes)
    chunks.push(chunk.subarray(0, bytesRead))
    bytes += bytesRead
    if (bytes > mostBytes) throw oddEntry(path, `grows while it is read, beyond ${formatSize(mostBytes)}`)
  }
}
