/** How long the steps took that Holdfast ran before: the only ground of an estimate of one step. */
import type { Time } from '../../base/time.ts'
import { formatSize, lasting } from '../../base/units.ts'
import type { ItemKind } from '../words.ts'
import type { Operation } from './operation.ts'

/** A step that was run to its end. */
export interface PastRun {
  at: Time
  /** Of the work alone. */
  seconds: number
  /** Of the copy in the set; null: nothing came from one. */
  bytes: number | null
}

/** The last few of each operation, oldest first, by `runKey`. */
export type PastRuns = Readonly<Record<string, readonly PastRun[]>>

/** How many are kept of each. */
export const keptRuns = 5

/** What takes the same time, whatever it is done to: a kind of item, or of work on services. */
export function runKey(operation: Operation): string {
  return operation.kind === 'restore-item' ? restoreKey(operation.item.kind) : operation.kind
}

/** A restore of an item of that kind, in earnest or for a test. */
export function restoreKey(kind: ItemKind): string {
  return `restore-item ${kind}`
}

export interface Measured {
  seconds: number
  /** Of how many runs it is the median. */
  runs: number
  /** The newest of them. */
  last: PastRun
}

/**
 * Median of the last runs of the same operation, each scaled to as many bytes where both are known. Null: none was run yet,
 * and nothing is made up.
 */
export function measured(operation: Operation, bytes: number | null, past: PastRuns): Measured | null {
  const runs = past[runKey(operation)] ?? []
  const last = runs.at(-1)
  if (!last) return null
  const seconds = runs.map((run) => run.seconds * (bytes && run.bytes ? bytes / run.bytes : 1)).sort((a, b) => a - b)
  const middle = seconds.length / 2
  const median = ((seconds[Math.ceil(middle) - 1] ?? 0) + (seconds[Math.floor(middle)] ?? 0)) / 2
  return { seconds: Math.max(1, Math.round(median)), runs: runs.length, last }
}

/** `About 12 min, as the last run: 1.2 GiB in 10 min, at 2026-03-10T12:00:00.000Z.` */
export function tellMeasured({ seconds, runs, last }: Measured): string {
  const from = runs === 1 ? 'from the last run' : `the median of the last ${runs} runs; the last`
  const size = last.bytes === null ? '' : `${formatSize(last.bytes)} in `
  return `It takes about ${lasting(seconds)}, ${from}: ${size}${lasting(last.seconds)}, at ${last.at}.`
}
