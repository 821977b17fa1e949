import type { Frame } from '../run/frame.ts'

/** The last message of a BACKUP or RESTORE that went well, and its end. */
export function sendSummary(verb: string, pages: number, seconds: number, frame: Frame): void {
  const time = Math.max(seconds, 0.001)
  frame.sink.info(3014, verb, pages, time.toFixed(3), (pages / 128 / time).toFixed(3))
  frame.sink.done(null)
}
