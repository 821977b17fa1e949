import { stat, utimes } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import type { TestClock } from './test-clock.ts'

/** What `work` becomes, while the clock goes on whenever somebody waits for it. */
export async function driven<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  const state = { done: false }
  const end = (): void => {
    state.done = true
  }
  work.then(end, end)
  while (!state.done) {
    if (clock.sleeping > 0) await clock.advance(0.5)
    await turn()
  }
  return work
}

/** Makes a file look as if it had been changed so much earlier. */
export async function age(path: string, seconds: number): Promise<void> {
  const { mtimeMs } = await stat(path)
  await utimes(path, mtimeMs / 1000 - seconds, mtimeMs / 1000 - seconds)
}
