import { distinct, foldSubject } from './subject.ts'
import type { Subject } from './words.ts'

/**
 * What a person may have meant by a name: the subject of that name whatever its case, else all whose host has that
 * short name. None: nothing has the name. Several: the short name is not unique.
 */
export function meant(typed: string, known: readonly Subject[]): Subject[] {
  const name = foldSubject(typed)
  const exact = known.find((one) => foldSubject(one) === name)
  return exact === undefined ? distinct(known.filter((one) => foldSubject(shortForm(one)) === name)) : [exact]
}

/** Without the domain of the host: `fe01`, `sql01\rtc`, `sql01\rtc/LcsCDR`, `\\fs01\LyncShare`. */
export function shortForm(subject: Subject): string {
  return subject.replace(
    /^(\\\\)?([^\\/.]+)\.[^\\/]+/,
    (_all, slashes: string | undefined, host: string) => (slashes ?? '') + host,
  )
}
