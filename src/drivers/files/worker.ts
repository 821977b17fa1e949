import { parentPort } from 'node:worker_threads'
import { asksForLeave, waitForLeave, type SharedLeave } from './leave.ts'
import { putOne, type PutResult, type Wanted } from './put.ts'
import { copyOne, hashOne, settleOne, stoppedFault, type CopyResult, type HashResult, type RawPath } from './tasks.ts'

/** A piece of work for one worker; `alone`: one file, whatever its size. */
export type Job =
  | { kind: 'copy'; alone: boolean; keepFree: number; files: readonly { from: RawPath; to: string }[] }
  | { kind: 'hash'; alone: boolean; files: readonly string[] }
  | { kind: 'put'; alone: boolean; files: readonly Wanted[] }
  | { kind: 'settle'; files: readonly { path: string; bytes: number }[] }

/** `spare`: processors idle while this is done. */
export interface Order {
  job: Job
  spare: boolean
  shared: Shared
}

export interface Results {
  copy: CopyResult[]
  hash: HashResult[]
  put: PutResult[]
  settle: (string | null)[]
}

/** What a pool and its workers have in common. */
export interface Shared {
  /** 1: no more. */
  stop: Int32Array
  /** How often a worker has asked whether to stop. */
  steps: Int32Array
  /** Before a file that comes back gets its name; null: nobody has to be asked. */
  leave: SharedLeave | null
}

async function work({ job, spare, shared: { stop, steps, leave } }: Order): Promise<Results[Job['kind']]> {
  const isStopped = (): boolean => Atomics.load(stop, 0) === 1
  const stopped = (): boolean => {
    Atomics.add(steps, 0, 1)
    return isStopped()
  }
  const mayWrite = (): boolean =>
    leave === null || waitForLeave(leave, () => parentPort?.postMessage(asksForLeave), isStopped)
  const results: unknown[] = []
  const way = { alone: job.kind !== 'settle' && job.alone, spare, stopped }
  switch (job.kind) {
    case 'copy':
      for (const { from, to } of job.files)
        results.push(stopped() ? stoppedFault : await copyOne(from, to, { ...way, keepFree: job.keepFree }))
      break
    case 'hash':
      for (const path of job.files) results.push(stopped() ? stoppedFault : await hashOne(path, way))
      break
    case 'put':
      for (const file of job.files) results.push(stopped() ? stoppedFault : await putOne(file, { ...way, mayWrite }))
      break
    case 'settle':
      for (const { path, bytes } of job.files) results.push(stopped() ? 'stopped' : settleOne(path, bytes))
  }
  return results as Results[Job['kind']]
}

let last = Promise.resolve()

// One job after the other: the pool expects the answers in the order of the questions.
parentPort?.on('message', (order: Order) => {
  last = last.then(async () => parentPort?.postMessage(await work(order)))
})
