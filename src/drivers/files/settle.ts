import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from '../../base/problem.ts'
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

/** Folders remembered until they are flushed; one that comes again is flushed again. */
const mostFolders = 4096

/**
 * Makes finished files durable: flushes each, reads its size and its last block back through a new handle, and flushes
 * their folders. Done once at the end of a set and not file by file: the first flush carries most of the others along.
 * Gives the files that are not as they should be, in any order, in constant memory. Throws what reading `files` throws.
 */
export async function* settleFiles<E extends Expected>(
  files: Iterable<E> | AsyncIterable<E>,
  signal: AbortSignal,
): AsyncGenerator<E & Settled> {
  const folders = new Set<string>()
  for await (const wrong of settleAll(files, signal, async (path) => {
    folders.add(dirname(path))
    if (folders.size >= mostFolders) await syncAll(folders)
  }))
    yield wrong
  await syncAll(folders)
}

async function syncAll(folders: Set<string>): Promise<void> {
  for (const folder of folders) await syncFolder(folder)
  folders.clear()
}

async function* settleAll<E extends Expected>(
  files: Iterable<E> | AsyncIterable<E>,
  signal: AbortSignal,
  note: (path: string) => Promise<void>,
): AsyncGenerator<E & Settled> {
  let batch: E[] = []
  const done: (E & Settled)[] = []
  const failures: unknown[] = []
  const running = new Set<Promise<void>>()
  await using pool = openPool(signal)
  const start = (work: Promise<(string | null)[]>, given: readonly E[]): void => {
    const ended = work
      .then((messages) => done.push(...wrongOnes(given, messages)))
      .catch((thrown: unknown) => failures.push(thrown))
      .then(() => void running.delete(ended))
    running.add(ended)
  }
  for await (const file of files) {
    await note(file.path)
    batch.push(file)
    if (batch.length <= fewFiles) continue
    await pool.ready()
    start(pool.run({ kind: 'settle', files: batch.map(({ path, bytes }) => ({ path, bytes })) }), batch)
    batch = []
    yield* done.splice(0)
  }
  start(settleFew(batch), batch)
  await Promise.all(running)
  signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]
  yield* done
}

function wrongOnes<E extends Expected>(files: readonly E[], messages: readonly (string | null)[]): (E & Settled)[] {
  return files.flatMap((file, index) => {
    const message = messages[index] ?? null
    return message === null ? [] : [{ ...file, message }]
  })
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
