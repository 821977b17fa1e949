import { batchesOf } from '../../base/batches.ts'
import { Problem } from '../../base/problem.ts'
import type { Fault } from './tasks.ts'
import { openPool, type Pool } from './pool.ts'

/** SHA-256 and size of one file, off the main thread. Follows no link. Throws a Problem `file-...` when it cannot be read. */
export async function hashFile(path: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  for await (const { result } of hashFiles([{ path }], signal)) {
    if ('fault' in result) throw faultProblem(path, result)
    return result
  }
  throw signal.reason
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
): AsyncGenerator<F & Hashed> {
  await using pool = openPool(signal)
  const done: (F & Hashed)[] = []
  const failures: unknown[] = []
  const open = new Set<Promise<void>>()
  for await (const batch of batchesOf(files)) {
    await pool.ready()
    const work = hashBatch(pool, batch, done)
      .catch((thrown: unknown) => failures.push(thrown))
      .then(() => void open.delete(work))
    open.add(work)
    yield* done.splice(0)
  }
  await Promise.all(open)
  signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]
  yield* done
}

async function hashBatch<F extends { path: string }>(
  pool: Pool,
  batch: readonly F[],
  done: (F & Hashed)[],
): Promise<void> {
  const results = await pool.run({ kind: 'hash', alone: false, files: batch.map(({ path }) => path) })
  await Promise.all(
    batch.map(async (file, index) => {
      let result = results[index]
      if (result && 'large' in result) [result] = await pool.run({ kind: 'hash', alone: true, files: [file.path] })
      if (result && !('large' in result)) done.push({ ...file, result })
    }),
  )
}

/** What a worker could not do, as a Problem. */
export function faultProblem(path: string, { fault, system, side }: Fault): Problem {
  return new Problem(fault, {
    subject: path,
    message: `${side === 'source' ? 'Reading' : 'Writing'} ${path} failed (${system}).`,
    hint: 'Look at the rights of the account of the daemon, at the disk and at the connection to the share.',
  })
}
