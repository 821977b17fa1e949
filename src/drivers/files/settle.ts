import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from '../../base/problem.ts'
import { batches } from './hash.ts'
import { syncFolder } from './durable.ts'
import { openPool } from './pool.ts'
import { isRefused } from './problem.ts'

export interface Settled {
  path: string
  /** What is wrong with it. */
  message: string
}

interface Expected {
  path: string
  bytes: number
}

const noFollow = (constants.O_NOFOLLOW as number | undefined) ?? 0

/** Up to here, starting workers costs more than they save. */
const fewFiles = 64

/**
 * Makes finished files durable: flushes each, reads its size and its last block back through a new handle, and flushes
 * their folders. Done once at the end of a set and not file by file: the first flush carries most of the others along.
 * Gives the files that are not as they should be.
 */
export async function settleFiles(files: readonly Expected[], signal: AbortSignal): Promise<Settled[]> {
  const messages = files.length <= fewFiles ? await settleFew(files) : await settleMany(files, signal)
  const folders = new Set(files.map(({ path }) => dirname(path)))
  for (const folder of folders) await syncFolder(folder)
  return files.flatMap(({ path }, index) => {
    const message = messages[index] ?? null
    return message === null ? [] : [{ path, message }]
  })
}

async function settleMany(files: readonly Expected[], signal: AbortSignal): Promise<(string | null)[]> {
  await using pool = openPool(signal)
  const results = await Promise.all(
    batches(files)
      .toArray()
      .map((batch) => pool.run({ kind: 'settle', files: batch })),
  )
  return results.flat()
}

function settleFew(files: readonly Expected[]): Promise<(string | null)[]> {
  return Promise.all(
    files.map(async ({ path, bytes }) => {
      try {
        await flush(path)
        await using handle = await open(path, constants.O_RDONLY | noFollow)
        const { size } = await handle.stat()
        const tail = Math.min(bytes, 4096)
        const { bytesRead } = await handle.read(Buffer.alloc(tail), 0, tail, bytes - tail)
        return verdict(bytes, size, tail, bytesRead)
      } catch (thrown) {
        return systemCode(thrown) ?? String(thrown)
      }
    }),
  )
}

function verdict(bytes: number, size: number, tail: number, read: number): string | null {
  if (size !== bytes) return `has ${size} bytes and not ${bytes}`
  return read === tail ? null : 'cannot be read to its end'
}

/** A file that SQL Server wrote may be closed to our writing: then it is only read back. */
async function flush(path: string): Promise<void> {
  try {
    await using handle = await open(path, constants.O_RDWR | noFollow)
    await handle.datasync()
  } catch (thrown) {
    if (!isRefused(thrown)) throw thrown
  }
}
