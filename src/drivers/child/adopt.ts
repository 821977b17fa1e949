/** Ends the child processes of a library that starts them by itself and hands none out. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { endTree } from './tree.ts'

/** Program that makes the next one the leader of a process group of its own; null where there is none. */
export const groupLeader =
  process.platform === 'linux' &&
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'setsid')))
    ? 'setsid'
    : null

interface Call {
  signal: AbortSignal
  clock: Clock
  children: Set<ChildProcess>
  endings: Promise<unknown>[]
  /** Called for each piece that they print. */
  heard?: ((piece: Buffer) => void) | undefined
}

const calls = new AsyncLocalStorage<Call>()

// Node reports each child when it is made, in the context of the call that makes it.
subscribe('child_process', (message) => {
  const call = calls.getStore()
  if (call) adopt(call, (message as { process: ChildProcess }).process)
})

/**
 * Runs `start`. When the signal is aborted, all processes that were started within are ended with their trees, and it
 * rejects with the signal's reason.
 */
export async function adoptingChildren<T>(
  { clock, signal, heard }: { clock: Clock; signal: AbortSignal; heard?: (piece: Buffer) => void },
  start: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const call: Call = { signal, clock, children: new Set(), endings: [], heard }
  const onAbort = (): void => {
    for (const child of call.children) end(call, child)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await calls.run(call, start)
  } catch (thrown) {
    signal.throwIfAborted()
    throw thrown
  } finally {
    signal.removeEventListener('abort', onAbort)
    await Promise.all(call.endings)
  }
}

function adopt(call: Call, child: ChildProcess): void {
  call.children.add(child)
  // It has no process yet.
  queueMicrotask(() => {
    if (call.signal.aborted) end(call, child)
    if (call.heard) for (const stream of [child.stdout, child.stderr]) stream?.on('data', call.heard)
  })
}

function end({ clock, endings }: Call, child: ChildProcess): void {
  endings.push(endTree({ root: child, isLeader: groupLeader !== null }, clock))
}
