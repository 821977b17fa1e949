import { Problem } from '../../base/problem.ts'
import { inBatches } from './in-batches.ts'
import { openPool } from './pool.ts'
import { chunkBytes } from './pump.ts'
import type { Fault } from './tasks.ts'

/**
 * SHA-256 and size of one file, off the main thread; each chunk raises `steps[0]`. Follows no link. Throws a Problem `file-...`
 * when it cannot be read.
 */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  steps?: Int32Array<SharedArrayBuffer>,
): Promise<{ bytes: number; sha256: string }> {
  for await (const { result } of hashFiles([{ path }], signal, steps)) {
    if ('fault' in result) throw faultProblem(path, result)
    return result
  }
  throw signal.reason
}

/** How much of a file is read, in percent, by the steps that `hashFile` made of it. */
export function hashedPercent(steps: number, bytes: number): number {
  return bytes === 0 ? 100 : Math.min(100, Math.floor((100 * steps * chunkBytes) / bytes))
}

export interface Hashed {
  result: { bytes: number; sha256: string } | Fault
}

/**
 * The same for many files, several at a time; small ones in batches. Results come in any order, in constant memory. Throws
 * what reading `files` throws.
 */
export async function* hashFiles<F extends { path: string }>(
  files: Iterable<F> | AsyncIterable<F>,
  signal: AbortSignal,
  steps?: Int32Array<SharedArrayBuffer>,
): AsyncGenerator<F & Hashed> {
  await using pool = openPool(signal, steps)
  yield* inBatches(files, pool, signal, (batch, alone) => {
    return pool.run({ kind: 'hash', alone, files: batch.map(({ path }) => path) })
  })
}

/** What a worker could not do, as a Problem. */
export function faultProblem(path: string, { fault, system, side }: Fault): Problem {
  return new Problem(fault, {
    subject: path,
    message: `${side === 'source' ? 'Reading' : 'Writing'} ${path} failed (${system}).`,
    hint: 'Look at the rights of the account of the daemon, at the disk and at the connection to the share.',
  })
}
