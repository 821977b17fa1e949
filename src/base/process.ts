/** Telling whether a process that wrote its name somewhere is still the one that runs. Not seen is not dead. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { systemCode } from './problem.ts'

/** A process, so named that no later one, and none of another container, is taken for it. */
export interface ProcessName {
  host: string
  /** Boot and PID namespace in which the pid counts; empty where they cannot be read: then nobody can tell of it. */
  namespace: string
  pid: number
  /** Start time as the system tells it; empty where it does not. */
  start: string
}

export function thisProcess(): ProcessName {
  return nameOf('self')
}

/** The name of this process, or of another one that is there. */
export function nameOf(pid: number | 'self'): ProcessName {
  const seen = look(pid)
  return {
    host: hostname(),
    namespace: ownNamespace(),
    pid: pid === 'self' ? process.pid : pid,
    start: typeof seen === 'object' ? seen.start : '',
  }
}

/** `alive` and `dead` are certain. `unknown`: another machine's or another PID namespace's, or it cannot be read. */
export function stateOf(name: ProcessName): 'alive' | 'dead' | 'unknown' {
  if (name.host !== hostname() || name.namespace === '' || name.namespace !== ownNamespace()) return 'unknown'
  if (!exists(name.pid)) return 'dead'
  if (name.start === '' || !showsOurPids()) return 'unknown'
  const seen = look(name.pid)
  // With hidepid, the processes of other accounts; or it ended since the first question.
  if (seen === 'unreadable') return exists(name.pid) ? 'unknown' : 'dead'
  return seen !== 'ended' && seen.start === name.start ? 'alive' : 'dead'
}

/** A refusal is an answer: somebody else's process is there. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return systemCode(thrown) !== 'ESRCH'
  }
}

/** All PID namespaces of a running kernel differ, and those of another boot have another boot id. */
function ownNamespace(): string {
  if (process.platform !== 'linux') return process.platform
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return ''
  }
}

/** /proc may be mounted for another PID namespace: then its numbers are not ours. */
function showsOurPids(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid)
  } catch {
    return false
  }
}

/** proc(5): field 3 is the state, field 22 the start. A zombie has ended. */
function look(pid: number | 'self'): { start: string } | 'ended' | 'unreadable' {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state = '', start] = [fields[0], fields[19]]
    if (start === undefined) return 'unreadable'
    return 'ZXx'.includes(state) ? 'ended' : { start }
  } catch {
    return 'unreadable'
  }
}
