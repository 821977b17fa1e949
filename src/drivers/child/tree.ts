/** The one place that ends a child process, together with everything that it started. */
import { execFile, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { win32 } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { environmentWithoutSecrets } from './environment.ts'
import { isThere, type Descendant } from './descendant.ts'

export interface Tree {
  root: ChildProcess
  /** The root leads a process group of its own, which holds what it started; on Windows the system knows that by itself. */
  isLeader: boolean
  /** A process below the root that has to end too, though it may have left the group. */
  beside?: Descendant | null
}

const windows = process.platform === 'win32'
const graceMilliseconds = 2_000

/** Asks the tree to end and, two seconds later, ends it. True once the root and the one beside it are gone. */
export async function endTree(tree: Tree, clock: Clock): Promise<boolean> {
  const { root, beside = null } = tree
  const { pid } = root
  if (pid === undefined) return true
  const someRun = (): boolean => isAlive(pid) || (beside !== null && isThere(beside))
  const ended = hasEnded(root) ? Promise.resolve() : new Promise((resolve) => root.once('exit', resolve))
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const [areAllGone] = await Promise.all([areGone(someRun, ended, clock), send(tree, signal)])
    if (!areAllGone) continue
    if (!windows) await send(tree, 'SIGKILL') // what ignored the first signal and outlived its parent
    return true
  }
  return false
}

/**
 * The same for the process group that `pid` leads, as long as `isOurs`: a process that another one started, whose number
 * may be a stranger's by now. True once it is gone.
 */
export async function endGroup(pid: number, isOurs: () => boolean, clock: Clock): Promise<boolean> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isOurs()) return true
    kill(-pid, signal)
    for (let looks = graceMilliseconds / 100; looks > 0 && isOurs(); looks--) await clock.sleep(100)
  }
  if (isOurs()) return false
  kill(-pid, 'SIGKILL') // what ignored the first signal and outlived its parent
  return true
}

async function send({ root, isLeader, beside = null }: Tree, signal: NodeJS.Signals): Promise<void> {
  const { pid } = root
  if (pid === undefined) return
  if (windows) {
    // The number of a process that has ended may be another's already. All below it go with it.
    if (!hasEnded(root)) await taskkill(pid)
    return
  }
  if (isLeader) kill(-pid, signal)
  else root.kill(signal)
  if (beside !== null && isThere(beside)) kill(beside.pid, signal)
}

async function areGone(someRun: () => boolean, ended: Promise<unknown>, clock: Clock): Promise<boolean> {
  const stop = new AbortController()
  const late = clock.sleep(graceMilliseconds, stop.signal).then(
    () => true,
    () => false,
  )
  const waited = await Promise.race([ended.then(() => false), late])
  stop.abort()
  for (let looks = waited ? 1 : 20; looks > 0; looks--) {
    if (!someRun()) return true
    if (looks > 1) await clock.sleep(100)
  }
  return false
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

/** By its full path: Windows would look for it in the current folder first. */
function taskkill(pid: number): Promise<void> {
  const program = win32.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe')
  const options = { windowsHide: true, env: environmentWithoutSecrets() }
  return new Promise((resolve) => execFile(program, ['/PID', String(pid), '/T', '/F'], options, () => resolve()))
}

/** A zombie is dead: nobody but its parent can remove it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
