import { foldedIn } from './environment-differences.ts'
import { foldSubject } from './subject.ts'
import type { Observed } from './observation.ts'
import type { Subject } from './words.ts'

/**
 * Where something was mounted when one of these records was made, and no longer is: the folder of the file store is then
 * what was hidden below, and its emptiness says nothing about the share. `now`: the mount point that its folder is on;
 * undefined where this system has none. Null: no such loss.
 */
export function lostMount(
  subject: Subject,
  now: string | undefined,
  records: Observed['facts']['environmentRecord'],
): string | null {
  if (now === undefined) return null
  const key = foldSubject(subject)
  for (const seen of records.values()) {
    const then = seen.known ? foldedIn(seen.value.record).get(key)?.['mountPoint'] : undefined
    if (then !== undefined && then !== now && isBelow(then, now)) return then
  }
  return null
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
