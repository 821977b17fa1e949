import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { timeOf } from '../base/time.ts'

/** The log of everything the lab was asked: one JSON object a line, also from several processes. */
export interface Requests extends Disposable {
  record(entry: object): void
}

export function openRequests(file: string): Requests {
  mkdirSync(dirname(file), { recursive: true })
  const handle = openSync(file, 'a')
  let open = true
  return {
    record(entry) {
      if (open) writeSync(handle, `${JSON.stringify({ at: timeOf(Date.now()), ...entry })}\n`)
    },
    [Symbol.dispose]() {
      if (open) closeSync(handle)
      open = false
    },
  }
}
