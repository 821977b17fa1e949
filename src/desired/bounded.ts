import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { adoptingChildren } from '../drivers/child/adopt.ts'
import { deadline } from '../drivers/deadline.ts'
import { mebibyte, tooLarge } from './limits.ts'

/** What Git is started by, so that it can be ended with all that it starts. */
export { groupLeader } from '../drivers/child/adopt.ts'

/** Milliseconds, but for `bytes`. */
export interface Limits {
  total: number
  /** What is printed; beyond it nobody could hold it in memory. */
  bytes?: number
  /** Without anything printed: between that and twice as much. */
  silent?: number
}

/**
 * Runs `start`, which runs Git. When the signal is aborted, or a limit is over, its processes are ended with all that they
 * started; then it rejects with the signal's reason, or with Problem `source-timeout` or `desired-state-too-large`.
 */
export async function bounded<T>(
  what: string,
  { total, silent = total, bytes = Infinity }: Limits,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  start: () => Promise<T>,
): Promise<T> {
  const late = (why: string) => (): Problem => tooLate(`${what} ${why} and was stopped.`)
  let heard = 0
  using limit = deadline(clock, total, late(`did not end within ${total / 1000} seconds`), signal)
  using quiet = silence(clock, silent, () => heard, late(`heard nothing for ${silent / 1000} seconds`))
  const full = new AbortController()
  let printed = 0
  const either = AbortSignal.any([limit.signal, quiet.signal, full.signal])
  return await adoptingChildren(
    {
      clock,
      signal: either,
      heard: (piece) => {
        heard++
        printed += piece.length
        if (printed > bytes)
          full.abort(tooLarge('.', `${what} printed more than ${bytes / mebibyte} MiB and was stopped.`))
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
