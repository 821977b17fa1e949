/** Gives every child process that is started within a call a deadline, and an end together with all its descendants. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile, type ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'

interface Call {
  children: Set<ChildProcess>
  /** What is to be done to all children, also to those that start later. */
  ending: NodeJS.Signals | null
  /** Pieces that they have printed. */
  heard: number
}

/** Milliseconds. */
export interface Limits {
  total: number
  /** Without anything printed: between that and twice as much. */
  silent?: number
}

const calls = new AsyncLocalStorage<Call>()

// simple-git hands out no process; Node announces each one when it is made, in the context of the call that makes it.
subscribe('child_process', (message) => {
  const call = calls.getStore()
  const { process: child } = message as { process: ChildProcess }
  if (!call) return
  call.children.add(child)
  queueMicrotask(() => {
    if (call.ending !== null) endTree(child, call.ending)
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', () => call.heard++)
  })
})

/** Program that makes the next one the leader of a process group of its own; null where there is none. */
export const groupLeader =
  process.platform === 'linux' &&
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'setsid')))
    ? 'setsid'
    : null

const graceMilliseconds = 2000

/**
 * Runs `start`. When the signal is aborted, or a limit is over, its processes are asked to end and two seconds later
 * ended; then it rejects with the signal's reason, or with Problem `source-timeout`.
 */
export async function bounded<T>(
  what: string,
  limits: Limits,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  start: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const call: Call = { children: new Set(), ending: null, heard: 0 }
  const finished = new AbortController()
  const late = new AbortController()
  const stop = async (): Promise<void> => {
    endAll(call, 'SIGTERM')
    await clock.sleep(graceMilliseconds, finished.signal)
    endAll(call, 'SIGKILL')
  }
  const onAbort = (): void => void stop().catch(ignore)
  signal.addEventListener('abort', onAbort, { once: true })
  const end = async (over: Promise<void>, why: string): Promise<void> => {
    await over
    late.abort(tooLate(`${what} ${why} and was stopped.`))
    await stop()
  }
  const { total, silent } = limits
  const watches = [end(clock.sleep(total, finished.signal), `did not end within ${total / 1000} seconds`)]
  if (silent !== undefined)
    watches.push(end(silence(call, silent, clock, finished.signal), `heard nothing for ${silent / 1000} seconds`))
  const watched = Promise.allSettled(watches)
  try {
    return await calls.run(call, start)
  } catch (thrown) {
    signal.throwIfAborted()
    late.signal.throwIfAborted()
    throw thrown
  } finally {
    signal.removeEventListener('abort', onAbort)
    finished.abort()
    await watched
  }
}

function tooLate(message: string): Problem {
  const hint =
    'Check that the server of the repository answers at all, and that no firewall or proxy between blocks it.'
  return new Problem('source-timeout', { message, hint })
}

/** Ends after a stretch of time in which nothing was printed. */
async function silence(call: Call, milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let before = -1; before !== call.heard;) {
    before = call.heard
    await clock.sleep(milliseconds, signal)
  }
}

function endAll(call: Call, ending: NodeJS.Signals): void {
  call.ending = ending
  for (const child of call.children) endTree(child, ending)
}

function endTree(child: ChildProcess, ending: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (groupLeader !== null) process.kill(-child.pid, ending)
    else if (process.platform === 'win32') execFile('taskkill', ['/PID', String(child.pid), '/T', '/F'], ignore)
    else child.kill(ending)
  } catch {
    // It has ended by itself.
  }
}

function ignore(): void {}
