import { ftruncate, ftruncateSync, read, readSync, write, writeSync } from 'node:fs'

/** A large file is read in pieces of so many bytes. */
export const chunkBytes = 256 * 1024

const zeros = Buffer.alloc(chunkBytes)

/** Where a file is written to. */
export interface Target {
  descriptor: number
  /** Chunks of zeros are left out, as holes: the file that is read has holes, so the copy shall not be larger than it. */
  sparse: boolean
}

type Pumped = { bytes: number } | { failed: unknown; side: 'source' | 'target' }

/**
 * Reads a file to its end, hands each chunk to `take`, and writes it to `to` (null: nowhere), one after the other: of all
 * ways the one that costs the processor least, for when others keep the rest of the machine busy.
 */
export function pump(from: number, to: Target | null, take: (chunk: Buffer) => void, stopped: () => boolean): Pumped {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes)
  let side: 'source' | 'target' = 'source'
  try {
    for (let bytes = 0; ;) {
      side = 'source'
      const chunk = buffer.subarray(0, readSync(from, buffer, 0, buffer.length, bytes))
      if (chunk.length === 0) {
        side = 'target'
        if (to?.sparse === true) ftruncateSync(to.descriptor, bytes) // its end may be a hole
        return { bytes }
      }
      if (stopped()) throw new Error('stopped')
      take(chunk)
      side = 'target'
      for (let done = 0; to !== null && !isHole(to, chunk) && done < chunk.length;)
        done += writeSync(to.descriptor, chunk, done, chunk.length - done, bytes + done)
      bytes += chunk.length
    }
  } catch (failed) {
    return { failed, side }
  }
}

/**
 * The same for a file that has the machine to itself: the next read, the hash and the write of one chunk run at the same
 * time, with two buffers. Resolves only when no call is under way any more.
 */
export async function pumpOverlapped(
  from: number,
  to: Target | null,
  take: (chunk: Buffer) => void,
  stopped: () => boolean,
): Promise<Pumped> {
  const buffers = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)] as const
  let done = 0
  let turn: 0 | 1 = 0
  let next = await readChunk(from, buffers[turn], 0)
  for (;;) {
    if ('failed' in next) return { failed: next.failed, side: 'source' }
    if (next.count === 0) {
      const failed = to?.sparse === true ? await setLength(to.descriptor, done) : null
      return failed === null ? { bytes: done } : { failed, side: 'target' }
    }
    if (stopped()) return { failed: new Error('stopped'), side: 'source' }
    const chunk = buffers[turn].subarray(0, next.count)
    const position = done
    done += next.count
    turn = turn === 0 ? 1 : 0
    const writing = to === null || isHole(to, chunk) ? null : writeChunk(to.descriptor, chunk, position)
    const reading = readChunk(from, buffers[turn], done)
    take(chunk)
    const written = await writing
    next = await reading
    if (written !== null) return { failed: written, side: 'target' }
  }
}

function isHole({ sparse }: Target, chunk: Buffer): boolean {
  return sparse && chunk.equals(zeros.subarray(0, chunk.length))
}

function setLength(to: number, bytes: number): Promise<unknown> {
  return new Promise((resolve) => {
    ftruncate(to, bytes, resolve) // null: done
  })
}

type Read = { count: number } | { failed: unknown }

function readChunk(from: number, buffer: Buffer, position: number): Promise<Read> {
  return new Promise((resolve) => {
    read(from, buffer, 0, buffer.length, position, (failed, count) => {
      resolve(failed ? { failed } : { count })
    })
  })
}

/** Null when all of it is written; else why not. */
function writeChunk(to: number, chunk: Buffer, position: number): Promise<unknown> {
  return new Promise((resolve) => {
    const more = (done: number): void => {
      write(to, chunk, done, chunk.length - done, position + done, (failed, count) => {
        if (failed) resolve(failed)
        else if (done + count < chunk.length) more(done + count)
        else resolve(null)
      })
    }
    more(0)
  })
}
