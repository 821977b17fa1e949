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
 * Runs `start`. When the signal is aborted, or after `milliseconds`, its processes are asked to end and two seconds later
 * ended; then it rejects with the signal's reason, or with Problem `source-unreachable`.
 */
export async function bounded<T>(
  what: string,
  milliseconds: number,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  start: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const call: Call = { children: new Set(), ending: null }
  const finished = new AbortController()
  const deadlineOver = new AbortController()
  const stop = async (): Promise<void> => {
    endAll(call, 'SIGTERM')
    await clock.sleep(graceMilliseconds, finished.signal)
    endAll(call, 'SIGKILL')
  }
  const onAbort = (): void => void stop().catch(ignore)
  signal.addEventListener('abort', onAbort, { once: true })
  const deadline = clock
    .sleep(milliseconds, finished.signal)
    .then(() => {
      deadlineOver.abort()
      return stop()
    })
    .catch(ignore)
  try {
    return await calls.run(call, start)
  } catch (thrown) {
    signal.throwIfAborted()
    if (!deadlineOver.signal.aborted) throw thrown
    throw new Problem('source-unreachable', {
      message: `${what} did not end within ${milliseconds / 1000} seconds and was stopped.`,
      hint: 'Check the network and the server of the repository.',
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
    finished.abort()
    await deadline
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
