import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../base/clock.ts'
import { Problem, systemCode } from '../base/problem.ts'
import { deadline, untilAborted } from '../drivers/deadline.ts'
import { asFault, limits, tooLarge } from './limits.ts'
import type { Loaded, SourceFile } from './load.ts'
import type { Order } from './load-thread.ts'

/**
 * `load` on a thread of its own, ended when its time or memory is over: whoever wrote the files, nothing else waits for
 * them. `read` brings the files while the thread starts. What is beyond `limits` is the one fault of the revision. Rejects
 * with the signal's reason, or with what `read` throws.
 */
export async function loadApart(
  revision: string,
  read: () => Promise<readonly SourceFile[]>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Loaded> {
  await using thread = startThread()
  try {
    const files = await read()
    return await thread.load({ revision, files, at: new Int32Array(new SharedArrayBuffer(4)) }, clock, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    const isOurs = thrown instanceof Problem && ofRevision.has(thrown.code)
    if (isOurs) return { ok: false, errors: [asFault(thrown)], warnings: [] }
    throw thrown
  }
}

const ofRevision: ReadonlySet<string> = new Set([
  'desired-state-too-large',
  'desired-state-too-slow',
  'source-path-missing',
])

function startThread() {
  const worker = new Worker(new URL('./load-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMebibytes },
  })
  const ended = new Promise<never>((_resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('The thread that reads desired state ended early.')))
  })
  ended.catch(() => {}) // before anybody waits for it
  return {
    /** Throws Problem `desired-state-too-large` or `desired-state-too-slow`. */
    async load(order: Order, clock: Clock, signal: AbortSignal): Promise<Loaded> {
      const here = (): string => order.files[Atomics.load(order.at, 0)]?.path ?? '.'
      using limit = deadline(clock, limits.seconds * 1000, () => tooSlow(here()), signal)
      const answer = once(worker, 'message') as Promise<[Loaded]>
      worker.postMessage(order)
      try {
        const [loaded] = await untilAborted(Promise.race([answer, ended]), limit.signal)
        return loaded
      } catch (thrown) {
        limit.signal.throwIfAborted()
        if (systemCode(thrown) !== 'ERR_WORKER_OUT_OF_MEMORY') throw thrown
        throw tooLarge(here(), `Reading it takes more than ${limits.heapMebibytes} MiB of memory.`)
      }
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate()
    },
  }
}

function tooSlow(file: string): Problem {
  return new Problem('desired-state-too-slow', {
    subject: file,
    message: `Reading it takes longer than ${limits.seconds} seconds, and was stopped.`,
    hint: 'Look at what the newest commits brought to this file. On a machine that is very busy it is read again later.',
  })
}
