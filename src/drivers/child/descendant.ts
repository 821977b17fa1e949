/** Which processes hang below one that we started, as Linux shows them in /proc. */
import { readFileSync } from 'node:fs'

/** A process below one of ours. Its number may be another's later; number and start together never are. */
export interface Descendant {
  pid: number
  /** In ticks since the machine was started. */
  start: string
}

/**
 * The process of that number where it hangs below `root` now, or is of its session; null where it does not, and where the
 * system does not show it (only Linux does): whoever names a number may name anybody's.
 */
export function descendantOf(root: number, pid: number): Descendant | null {
  const found = read(pid)
  if (found === null) return null
  // A session bears the number of its leader for as long as anybody is in it, so none of a stranger has ours.
  for (let one: Shown | null = found, steps = 0; one !== null && steps < mostSteps; one = read(one.parent), steps++)
    if (one.pid === root || one.session === root) return { pid, start: found.start }
  return null
}

/** Whether it is still there. A zombie is dead: nobody but its parent can remove it. */
export function isThere({ pid, start }: Descendant): boolean {
  const found = read(pid)
  return found?.start === start && found.state !== 'Z'
}

interface Shown {
  pid: number
  state: string
  parent: number
  session: number
  start: string
}

/** Processes come and go while the way up is walked: it may not lead in a circle for ever. */
const mostSteps = 1000

/** Null where there is no such process, and on other systems. */
function read(pid: number): Shown | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold anything, even parentheses: what follows the last one is fields 3 and on (man 5 proc).
    const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
    const [state = '', parent, , session] = fields
    return { pid, state, parent: Number(parent), session: Number(session), start: fields[19] ?? '' }
  } catch {
    return null
  }
}
