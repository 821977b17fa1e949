import type { Host } from '../domain/hosts.ts'
import { serverOf } from '../domain/hosts.ts'
import { foldSubject, parseDatabase, sameSubject } from '../domain/subject.ts'
import type { Flag } from '../domain/words.ts'

/** The flag on a host, on a database or share that it holds, or on its whole pool; the widest of them first. */
export function flagOf({ fqdn, pool }: Host, flags: readonly Flag[]): Flag | null {
  const onPool = flags.find(({ subject }) => pool !== null && sameSubject(subject, pool))
  const onHost = flags.find(({ subject }) => sameSubject(subject, fqdn))
  return onPool ?? onHost ?? flags.find(({ subject }) => holderOf(subject) === foldSubject(fqdn)) ?? null
}

function holderOf(subject: string): string {
  return foldSubject(parseDatabase(subject)?.host ?? serverOf(`${subject}\\`) ?? '')
}
