import { setTimeout as pause } from 'node:timers/promises'

/** How long `vi.waitFor` waits on a busy machine; its own second is too short for a process to start or end. */
export const patience = { timeout: 30_000 }

/** Waits for a fact of the outer world that has no event to await: looks again and again, a minute at the most when looking takes no time. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 1200; tries++) {
    const begun = performance.now()
    const found = await look()
    if (found !== undefined) return found
    // Not always at it: what is waited for needs the processor too.
    await pause(Math.max(50, 3 * (performance.now() - begun)))
  }
  throw new Error('It did not happen within a minute.')
}
