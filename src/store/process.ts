/** Telling whether a process that wrote its name somewhere is still the one that runs. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { systemCode } from '../base/problem.ts'

/** A process, so named that no later one is taken for it. */
export interface ProcessName {
  host: string
  pid: number
  /** Boot and start time as the system tells them; empty where it does not. */
  start: string
}

export function thisProcess(): ProcessName {
  return { host: hostname(), pid: process.pid, start: startOf(process.pid) ?? '' }
}

/** `alive` and `dead` are certain. `unknown`: another machine's, or a system that tells no start times. */
export function stateOf(name: ProcessName): 'alive' | 'dead' | 'unknown' {
  if (name.host !== hostname()) return 'unknown'
  if (!exists(name.pid)) return 'dead'
  if (name.start === '') return 'unknown'
  return startOf(name.pid) === name.start ? 'alive' : 'dead'
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return systemCode(thrown) === 'EPERM'
  }
}

/** Null for a zombie, for no process, and where there is no /proc (proc(5): field 3 the state, 22 the start). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = fields[0] ?? ''
    const start = fields[19]
    if ('ZXx'.includes(state) || start === undefined) return null
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${start}`
  } catch {
    return null
  }
}
