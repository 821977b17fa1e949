import { Problem } from '../base/problem.ts'
import { exitCode } from './exit-codes.ts'

/**
 * A signal that is aborted when this process is asked to stop, by the system or by the launcher that started it. The first
 * request asks; the second one that comes the same way ends at once: Ctrl+C reaches this process and the launcher, which
 * passes it on.
 */
export function listenForStop(): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController()
  const requests = (): ((by: string) => void) => {
    let isSecond = false
    return (by) => {
      if (isSecond) process.exit(exitCode.interrupted)
      isSecond = true
      stop.abort(new Problem('interrupted', { message: `Stopped by ${by}.` }))
    }
  }
  const onSignal = requests()
  const passedOn = requests()
  const onMessage = (message: unknown): void => {
    const by = (message as { stop?: unknown } | null)?.stop
    if (typeof by === 'string') passedOn(by)
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('message', onMessage)
  process.channel?.unref() // waiting for a message is no work
  return {
    signal: stop.signal,
    [Symbol.dispose]: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('message', onMessage),
  }
}
