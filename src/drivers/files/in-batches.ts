import { batchesOf } from '../../base/batches.ts'
import type { Pool } from './pool.ts'

/**
 * Files through the workers of a pool, several at a time; `run` does a batch, and then each large file of it `alone`. Results
 * come in any order, in constant memory. Throws what reading `files` throws.
 */
export async function* inBatches<F, R extends object>(
  files: Iterable<F> | AsyncIterable<F>,
  pool: Pool,
  signal: AbortSignal,
  run: (batch: readonly F[], alone: boolean) => Promise<(R | { large: true })[]>,
): AsyncGenerator<F & { result: R }> {
  const done: (F & { result: R })[] = []
  const failures: unknown[] = []
  const open = new Set<Promise<void>>()
  const work = async (batch: readonly F[]): Promise<void> => {
    const results = await run(batch, false)
    await Promise.all(
      batch.map(async (file, index) => {
        let result = results[index]
        if (result && 'large' in result) [result] = await run([file], true)
        if (result && !('large' in result)) done.push({ ...file, result })
      }),
    )
  }
  for await (const batch of batchesOf(files)) {
    await pool.ready()
    const one = work(batch)
      .catch((thrown: unknown) => failures.push(thrown))
      .then(() => void open.delete(one))
    open.add(one)
    yield* done.splice(0)
  }
  await Promise.all(open)
  signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]
  yield* done
}
