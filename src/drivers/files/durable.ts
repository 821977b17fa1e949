import { createHash } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Problem, systemCode } from '../../base/problem.ts'
import { randomId, systemRandom } from '../../base/random.ts'
import { fileProblem, isRefused } from './problem.ts'

export type Content = string | Uint8Array | AsyncIterable<Uint8Array>

/** How much of the end of a file is read back. */
const tailBytes = 4096

/**
 * The one durable write: a temporary name in the same folder that nobody can guess, made exclusively so that no link is
 * followed, flush, rename, flush of the folder, and the size and the
 * last block read back through a new handle (on some shares a flush means nothing). Replaces what is there. Throws
 * Problem `file-no-space`, `file-denied`, `file-busy`, `file-gone`, `share-unreachable`, `file-failed`, `file-not-replaced` or `file-not-kept`;
 * what the content itself throws goes through as it is. Nothing is left under the temporary name.
 */
export async function writeDurably(
  path: string,
  content: Content,
  signal?: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const temporary = `${path}.${randomId(systemRandom).slice(0, 8)}.part`
  try {
    const written = await writeAll(temporary, content, signal)
    await replace(temporary, path)
    await syncFolder(dirname(path))
    await readBack(path, written)
    return { bytes: written.bytes, sha256: written.sha256 }
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => {})
    throw thrown
  }
}

/** Flushes the entries of a folder. Windows and many shares have no such thing, or refuse it: then it is skipped. */
export async function syncFolder(folder: string | Buffer): Promise<void> {
  try {
    await using handle = await open(folder, 'r')
    await handle.sync()
  } catch {
    // Read back through a new handle is what counts there.
  }
}

interface Written {
  bytes: number
  sha256: string
  tail: Buffer
}

async function writeAll(path: string, content: Content, signal?: AbortSignal): Promise<Written> {
  const hash = createHash('sha256')
  let bytes = 0
  let tail: Buffer = Buffer.alloc(0)
  const handle = await attempt(open(path, 'wx'), path, 'Writing')
  try {
    for await (const chunk of chunksOf(content)) {
      signal?.throwIfAborted()
      hash.update(chunk)
      await attempt(writeChunk(handle, chunk), path, 'Writing')
      bytes += chunk.length
      tail = Buffer.concat([tail, chunk.subarray(Math.max(0, chunk.length - tailBytes))])
      tail = tail.subarray(Math.max(0, tail.length - tailBytes))
    }
    await attempt(handle.sync(), path, 'Flushing')
  } catch (thrown) {
    await handle.close().catch(() => {})
    throw thrown
  }
  await attempt(handle.close(), path, 'Closing') // on some shares only this shows that nothing was kept
  return { bytes, sha256: hash.digest('hex'), tail }
}

/** The same bytes, piece by piece. */
export async function* chunksOf(content: Content): AsyncGenerator<Buffer> {
  if (typeof content === 'string') yield Buffer.from(content)
  else if (content instanceof Uint8Array) yield Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  else for await (const chunk of content) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

async function writeChunk(handle: FileHandle, chunk: Buffer): Promise<void> {
  let done = 0
  while (done < chunk.length) done += (await handle.write(chunk, done)).bytesWritten
}

/** The account could write beside it, so a refusal here most often means that somebody has the old file open. */
async function replace(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path)
  } catch (thrown) {
    // Some clients make an I/O error of what the server calls a sharing violation.
    if (!isRefused(thrown) && systemCode(thrown) !== 'EIO') throw fileProblem(thrown, path, 'Renaming to')
    throw new Problem('file-not-replaced', {
      subject: path,
      message: `${path} was written next to its place, but cannot be renamed (${systemCode(thrown) ?? ''}).`,
      hint: 'Another program has it open, or the account may write there but not delete. It is retried automatically.',
      cause: thrown,
    })
  }
}

async function readBack(path: string, { bytes, tail }: Written): Promise<void> {
  await using handle = await attempt(open(path, 'r'), path, 'Reading back')
  const { size } = await attempt(handle.stat(), path, 'Reading back')
  const seen = Buffer.alloc(tail.length)
  const { bytesRead } = await attempt(handle.read(seen, 0, tail.length, bytes - tail.length), path, 'Reading back')
  if (size === bytes && bytesRead === tail.length && seen.equals(tail)) return
  throw new Problem('file-not-kept', {
    subject: path,
    message: `${path} was written with ${bytes} bytes and flushed, but reads back with ${size} bytes or another end.`,
    hint: 'The share lost what it had acknowledged. Look at its write cache and at the connection.',
  })
}

async function attempt<T>(what: Promise<T>, path: string, doing: string): Promise<T> {
  try {
    return await what
  } catch (thrown) {
    throw fileProblem(thrown, path, doing)
  }
}
