import { join } from 'node:path'
import { Problem } from '../base/problem.ts'
import { hashFile } from '../drivers/files/hash.ts'
import { deleteFile, filesBelow, pruneEmpty } from './payload.ts'
import type { ManifestEntry } from './manifest.ts'

/**
 * Everything below `data/` that is not in `kept` was left by a failed attempt or a failed item: it is deleted, or where
 * that fails, given, to be listed, so that the bag stays valid. `kept`: sorted paths.
 */
export async function sweep(folder: string, kept: AsyncIterable<string>): Promise<ManifestEntry[]> {
  const leftovers: ManifestEntry[] = []
  const paths = kept[Symbol.asyncIterator]()
  let next = await paths.next()
  for await (const { path, file, plain } of filesBelow(folder, 'data')) {
    while (next.done !== true && next.value < path) next = await paths.next()
    if (next.done !== true && next.value === path) continue
    if (await deleteFile(file)) await pruneEmpty(folder, path)
    else leftovers.push(await listLeftover(folder, path, plain))
  }
  return leftovers
}

async function listLeftover(folder: string, path: string, plain: boolean): Promise<ManifestEntry> {
  try {
    if (!plain) throw new Error('it is not a plain file')
    return { path, ...(await hashFile(join(folder, path), new AbortController().signal)) }
  } catch (thrown) {
    throw new Problem('set-leftover', {
      subject: path,
      message: `A failed item left ${path}, which can be neither deleted nor read: the set cannot be closed.`,
      hint: 'A program still has it open, perhaps SQL Server. The next run writes a new set.',
      cause: thrown,
    })
  }
}
