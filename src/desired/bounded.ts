import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { adoptingChildren } from '../drivers/child/adopt.ts'
import { deadline } from '../drivers/deadline.ts'

/** What Git is started by, so that it can be ended with all that it starts. */
export { groupLeader } from '../drivers/child/adopt.ts'

/** Milliseconds. */
export interface Limits {
  total: number
  /** Without anything printed: between that and twice as much. */
  silent?: number
}

/**
 * Runs `start`, which runs Git. When the signal is aborted, or a limit is over, its processes are ended with all that they
 * started; then it rejects with the signal's reason, or with Problem `source-timeout`.
 */
export async function bounded<T>(
  what: string,
  { total, silent = total }: Limits,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  start: () => Promise<T>,
): Promise<T> {
  const late = (why: string) => (): Problem => tooLate(`${what} ${why} and was stopped.`)
  let heard = 0
  using limit = deadline(clock, total, late(`did not end within ${total / 1000} seconds`), signal)
  using quiet = silence(clock, silent, () => heard, late(`heard nothing for ${silent / 1000} seconds`))
  const either = AbortSignal.any([limit.signal, quiet.signal])
  return await adoptingChildren(
    {
      clock,
      signal: either,
      heard: () => {
        heard++
      },
    },
    start,
  )
}

/** Aborted after a stretch of time in which `heard` did not change. */
function silence(
  clock: Clock,
  milliseconds: number,
  heard: () => number,
  late: () => Problem,
): { readonly signal: AbortSignal } & Disposable {
  const hung = new AbortController()
  const done = new AbortController()
  const watch = async (): Promise<void> => {
    for (let before = -1; before !== heard();) {
      before = heard()
      await clock.sleep(milliseconds, done.signal)
    }
    hung.abort(late())
  }
  watch().catch(() => {}) // disposed
  return { signal: hung.signal, [Symbol.dispose]: () => done.abort() }
}

function tooLate(message: string): Problem {
  const hint =
    'Check that the server of the repository answers at all, and that no firewall or proxy between blocks it.'
  return new Problem('source-timeout', { message, hint })
}
