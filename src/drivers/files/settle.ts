import { dirname } from 'node:path'
import { batches } from './hash.ts'
import { syncFolder } from './durable.ts'
import { openPool } from './pool.ts'

/**
 * Makes finished files durable: flushes each, reads its size and its last block back through a new handle, and flushes
 * their folders. Done once at the end of a set and not file by file: the first flush carries most of the others along.
 * Gives the files that are not as they should be, with what is wrong.
 */
export async function settleFiles(
  files: readonly { path: string; bytes: number }[],
  signal: AbortSignal,
): Promise<{ path: string; message: string }[]> {
  await using pool = openPool(signal)
  const wrong: { path: string; message: string }[] = []
  await Promise.all(
    [...batches(files)].map(async (batch) => {
      const results = await pool.run({ kind: 'settle', files: batch })
      for (const [index, { path }] of batch.entries()) {
        const message = results[index] ?? null
        if (message !== null) wrong.push({ path, message })
      }
    }),
  )
  const folders = new Set(files.map(({ path }) => dirname(path)))
  for (const folder of folders) await syncFolder(folder)
  return wrong
}
