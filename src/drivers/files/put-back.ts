import { inBatches } from './in-batches.ts'
import type { Leave } from './leave.ts'
import { openPool } from './pool.ts'
import type { PutResult, Wanted } from './put.ts'

/** What became of one file. */
export interface PutBack {
  result: Exclude<PutResult, { large: true }>
}

/**
 * Puts files where they belong, each proved before it has its name (`putOne`), several at a time. Their folders must be there
 * once a file is given. Results come in any order, in constant memory. Throws what reading `files`, and asking for leave, throws.
 */
export async function* putFiles<F extends Wanted>(
  files: AsyncIterable<F>,
  signal: AbortSignal,
  steps: Int32Array<SharedArrayBuffer>,
  leave: Leave,
): AsyncGenerator<F & PutBack> {
  const refused = new AbortController()
  const either = AbortSignal.any([signal, refused.signal])
  const ask = (): void => void leave.renew().catch((thrown: unknown) => refused.abort(thrown))
  await using pool = openPool(either, steps, { shared: leave.shared, ask })
  yield* inBatches(files, pool, either, (batch, alone) => {
    return pool.run({ kind: 'put', alone, files: batch.map(wantedOf) })
  })
}

/** What a worker has to know of it. */
function wantedOf({ from, to, bytes, sha256, modifiedMs, readOnly }: Wanted): Wanted {
  return { from, to, bytes, sha256, modifiedMs, readOnly }
}
