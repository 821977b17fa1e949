/** Threads between two pieces of work: to start one takes longer than to copy a hundred small files. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** `drop`: listens while it waits. */
const idle: { thread: Worker; drop: () => void }[] = []
let keepers = 0

/** Until all who asked for it are done, threads wait for the next piece of work. */
export function keepThreads(): AsyncDisposable {
  keepers += 1
  return {
    async [Symbol.asyncDispose]() {
      keepers -= 1
      if (keepers === 0) await Promise.all(idle.splice(0).map(({ thread }) => thread.terminate()))
    },
  }
}

/** One that waits, or a new one; nobody else has it. */
export function takeThread(): Worker {
  const waiting = idle.pop()
  if (!waiting)
    return new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  const { thread, drop } = waiting
  return thread.off('error', drop).off('exit', drop)
}

/** Gives one back, in which nothing is under way and to which nobody listens. */
export async function leaveThread(thread: Worker): Promise<void> {
  if (keepers === 0 || idle.length >= availableParallelism()) {
    await thread.terminate()
    return
  }
  const waiting = {
    thread,
    drop: () => {
      const index = idle.indexOf(waiting)
      if (index !== -1) idle.splice(index, 1)
    },
  }
  thread.on('error', waiting.drop).on('exit', waiting.drop)
  idle.push(waiting)
}
