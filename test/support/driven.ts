import { stat, utimes } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import type { TestClock } from './test-clock.ts'

/**
 * What `work` becomes, while the clock goes on whenever somebody waits for it. `turns`: of the event loop for each half
 * second, so that files are read before a watch over them takes them for stalled.
 */
export async function driven<T>(clock: TestClock, work: Promise<T>, turns = 1): Promise<T> {
  const state = { done: false }
  const end = (): void => {
    state.done = true
  }
  work.then(end, end)
  while (!state.done) {
    if (clock.sleeping > 0) await clock.advance(0.5)
    for (let count = 0; count < turns; count++) await turn()
  }
  return work
}

/** Makes a file look as if it had been changed so much earlier. */
export async function age(path: string, seconds: number): Promise<void> {
  const { mtimeMs } = await stat(path)
  await utimes(path, mtimeMs / 1000 - seconds, mtimeMs / 1000 - seconds)
}
