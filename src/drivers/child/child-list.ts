/** What this process started, written down: a kill leaves it running, and the next start ends it. */
import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../../base/clock.ts'
import { systemCode } from '../../base/problem.ts'
import { nameOf, stateOf, thisProcess } from '../../base/process.ts'
import { randomId, type Random } from '../../base/random.ts'
import { endGroup } from './tree.ts'

/** One file for each child. */
export interface ChildList {
  /** Also where it is there already, for what has changed. Nothing is written where the system does not tell its start. */
  add(pid: number): void
  remove(pid: number): void
  /**
   * Ends each child of a process that is dead, with its group, where number, start and program prove it to be the one
   * that was written down. Gives those that were ended.
   */
  endLeft(): Promise<{ pid: number; program: string }[]>
}

const processName = z.object({ host: z.string(), namespace: z.string(), pid: z.int().min(2), start: z.string() })
const listed = z.object({ parent: processName, child: processName, program: z.string() })

type Listed = z.infer<typeof listed>

/**
 * The files are beside `base`, with `.child-` and a random id at the end of its name. On Windows nothing is listed: there a
 * job ends with the process that made it, and all that is in it.
 */
export function openChildList(base: string, random: Random, clock: Clock): ChildList {
  const parent = thisProcess()
  const folder = dirname(base)
  const prefix = `${basename(base)}.child-`
  const files = new Map<number, string>()

  return {
    add(pid) {
      const [child, program] = [nameOf(pid), programOf(pid)]
      if (child.start === '' || program === null) return
      const file = files.get(pid) ?? join(folder, `${prefix}${randomId(random)}`)
      files.set(pid, file)
      try {
        writeFileSync(file, JSON.stringify({ parent, child, program } satisfies Listed), { mode: 0o600 })
      } catch {
        // Without it, only that is lost which it is for.
      }
    },
    remove(pid) {
      const file = files.get(pid)
      files.delete(pid)
      if (file !== undefined) drop(file)
    },
    async endLeft() {
      const ended = []
      const ours = new Set(files.values())
      for (const name of await readdir(folder).catch(() => [])) {
        const file = join(folder, name)
        if (!name.startsWith(prefix) || ours.has(file)) continue
        const left = read(file)
        if (left === 'gone') continue
        if (left === 'torn') drop(file)
        else if (stateOf(left.parent) === 'dead') {
          if (await end(left, clock)) ended.push({ pid: left.child.pid, program: left.program })
          if (stateOf(left.child) === 'dead') drop(file)
        }
      }
      return ended
    },
  }
}

/** True where it was there, proved to be the one that is listed, and is no longer. */
async function end({ child, program }: Listed, clock: Clock): Promise<boolean> {
  const isThere = (): boolean => stateOf(child) === 'alive'
  // One that is about to end has no program any more.
  for (let looks = 50; looks > 0 && isThere() && programOf(child.pid) === null; looks--) await clock.sleep(100)
  return isThere() && programOf(child.pid) === program && (await endGroup(child.pid, isThere, clock))
}

function drop(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // The next start sees that what it names is gone.
  }
}

/** A torn one is of a process that was killed when it wrote it. */
function read(file: string): Listed | 'torn' | 'gone' {
  try {
    return listed.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (thrown) {
    return systemCode(thrown) === null ? 'torn' : 'gone'
  }
}

/** The file that it executes; null where that cannot be seen. */
function programOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return null
  }
}
