const usual = 64

/** `items` in lists of at most `most`. */
export function* batches<T>(items: Iterable<T>, most = usual): Generator<T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < most) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** The same for items that come one after the other, and are never in memory together. */
export async function* batchesOf<T>(items: Iterable<T> | AsyncIterable<T>, most = usual): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < most) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
