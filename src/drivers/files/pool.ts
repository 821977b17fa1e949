import { availableParallelism, cpus } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { asksForLeave, type SharedLeave } from './leave.ts'
import { leaveThread, takeThread } from './threads.ts'
import type { Job, Order, Results, Shared } from './worker.ts'

/** Workers that copy and hash, for one piece of work; disposing of it stops them. */
export interface Pool extends AsyncDisposable {
  /** Waits for room in the queue, so that a tree of any size is walked in constant memory. */
  ready(): Promise<void>
  run<J extends Job>(job: J): Promise<Results[J['kind']]>
}

interface Task {
  job: Job
  resolve: (results: never) => void
  reject: (reason: unknown) => void
}

interface Member {
  worker: Worker
  /** Given, in order; a second one waits in the worker, so that it never idles between two. */
  tasks: Task[]
  listeners: Record<'message' | 'error' | 'exit', (value: unknown) => void>
}

/** A share answers late, a processor does not: more workers than processors only help while processors idle. */
const mostWorkers = 16
const ahead = 2

/**
 * Opens a pool; the first abort stops all work between two chunks. Each chunk and each file raises `steps[0]`. `leave`: without
 * it no file comes back; `ask` is called when a worker waits for it.
 */
export function openPool(
  signal: AbortSignal,
  steps = new Int32Array(new SharedArrayBuffer(4)),
  leave: { shared: SharedLeave; ask: () => void } | null = null,
): Pool {
  const shared: Shared = { stop: new Int32Array(new SharedArrayBuffer(4)), steps, leave: leave?.shared ?? null }
  const members: Member[] = []
  const queue: Task[] = []
  const waiting: (() => void)[] = []
  let busy = busyMilliseconds()
  let since = performance.now()
  let closed = false

  const onAbort = (): void => {
    Atomics.store(shared.stop, 0, 1)
    for (const task of queue.splice(0)) task.reject(signal.reason)
    for (const wake of waiting.splice(0)) wake()
  }
  signal.addEventListener('abort', onAbort, { once: true })

  function start(): Member {
    const worker = takeThread()
    const member: Member = { worker, tasks: [], listeners: { message, error, exit } }
    function message(results: unknown): void {
      if (results === asksForLeave) {
        leave?.ask()
        return
      }
      member.tasks.shift()?.resolve(results as never)
      if (queue.length > 0 && shouldGrow()) feed(start())
      feed(member)
    }
    function error(thrown: unknown): void {
      fail(member, thrown)
    }
    function exit(): void {
      if (!closed) fail(member, new Error('A worker thread ended early.'))
    }
    for (const [event, listener] of Object.entries(member.listeners)) worker.on(event, listener)
    members.push(member)
    return member
  }

  function fail(member: Member, error: unknown): void {
    for (const task of member.tasks.splice(0)) task.reject(error)
    const index = members.indexOf(member)
    if (index !== -1) members.splice(index, 1)
    if (members.length === 0) for (const task of queue.splice(0)) task.reject(error)
    for (const wake of waiting.splice(0)) wake()
  }

  function feed(member: Member): void {
    for (let task = queue[0]; task; task = queue[0]) {
      if (member.tasks.length >= (isLarge(task) ? 1 : ahead)) break
      queue.shift()
      member.tasks.push(task)
      const spare = members.filter(({ tasks }) => tasks.length > 0).length < availableParallelism()
      member.worker.postMessage({ job: task.job, spare, shared } satisfies Order)
    }
    if (queue.length < members.length) for (const wake of waiting.splice(0)) wake()
  }

  /** The machine was less than half busy for a while, with whatever: the work waits for a share. */
  function shouldGrow(): boolean {
    const elapsed = performance.now() - since
    if (elapsed < 200 || members.length >= mostWorkers) return false
    const before = busy
    busy = busyMilliseconds()
    since = performance.now()
    return busy - before < (elapsed * cpus().length) / 2
  }

  return {
    async ready() {
      signal.throwIfAborted()
      while (queue.length > Math.max(members.length, 2)) {
        await new Promise<void>((resolve) => waiting.push(resolve))
        signal.throwIfAborted()
      }
    },

    run(job) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error)
          return
        }
        queue.push({ job, resolve, reject })
        const free = members.find(({ tasks }) => tasks.length === 0)
        feed(free ?? (members.length < availableParallelism() ? start() : leastBusy(members)))
      })
    },

    async [Symbol.asyncDispose]() {
      closed = true
      signal.removeEventListener('abort', onAbort)
      Atomics.store(shared.stop, 0, 1)
      // One that is still at something may hang for good.
      const end = ({ worker, tasks, listeners }: Member): Promise<unknown> => {
        if (tasks.length > 0) return worker.terminate()
        for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener)
        return leaveThread(worker)
      }
      await Promise.all(members.map(end))
    },
  }
}

/** Of all processors together, since the machine started. */
function busyMilliseconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
}

/** A large file waits in the queue for whoever is free first. */
function isLarge({ job }: Task): boolean {
  return job.kind !== 'settle' && job.alone
}

function leastBusy(members: readonly Member[]): Member {
  const [first, ...rest] = members
  if (!first) throw new Error('unreachable: a pool without workers starts one')
  return rest.reduce((best, member) => (member.tasks.length < best.tasks.length ? member : best), first)
}
