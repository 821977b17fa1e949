import type { Clock } from '../../base/clock.ts'
import { Problem } from '../../base/problem.ts'
import { formatDuration } from '../../base/units.ts'
import { stall, stallSeconds, untilAborted } from '../deadline.ts'
import { copyTree, type CopiedTree, type CopyOptions } from './copy.ts'

/**
 * `copyTree` for as long as it gets on. Where for half an hour nothing is found and no byte is read, it is given up with
 * `file-stalled`: nothing ends a system call on a share that answers no more, so its threads stay until it returns, and
 * then write nothing.
 */
export async function copyTreeWhileMoving(
  from: string,
  to: string,
  options: Omit<CopyOptions, 'steps' | 'clock'>,
  clock: Clock,
): Promise<CopiedTree> {
  return whileMoving(from, options.signal, clock, (signal, steps) => {
    return copyTree(from, to, { ...options, clock, signal, steps })
  })
}

/** Work on a file or a tree of files in the same way: whatever it finds and does raises the first element of `steps`. */
export async function whileMoving<T>(
  from: string,
  outer: AbortSignal,
  clock: Clock,
  work: (signal: AbortSignal, steps: Int32Array<SharedArrayBuffer>) => Promise<T>,
): Promise<T> {
  const steps = new Int32Array(new SharedArrayBuffer(4))
  using stalled = stall(
    clock,
    () => Promise.resolve(Atomics.load(steps, 0)),
    () => standing(from),
  )
  return await untilAborted(work(AbortSignal.any([outer, stalled.signal]), steps), stalled.signal)
}

function standing(from: string): Problem {
  return new Problem('file-stalled', {
    subject: from,
    message: `The work on ${from} made no progress for ${formatDuration(stallSeconds)} and was stopped.`,
    hint: 'Look at the server of the share and at the connection to it: it neither answers nor fails.',
  })
}
