import { serverOf, type Host } from '../domain/hosts.ts'
import { parseDatabase, sameSubject } from '../domain/subject.ts'
import type { Flag } from '../domain/statement.ts'
import type { Subject } from '../domain/words.ts'

/** The flag on a host, on a database or share that it holds, or on its whole pool; the widest of them first. */
export function flagOf({ fqdn, pool }: Host, flags: readonly Flag[]): Flag | null {
  const onPool = flags.find(({ subject }) => pool !== null && sameSubject(subject, pool))
  const onHost = flags.find(({ subject }) => sameSubject(subject, fqdn))
  return onPool ?? onHost ?? flags.find((flag) => isHeldBy(flag, fqdn)) ?? null
}

/** The flag is on a database or a share of this host. */
export function isHeldBy({ subject }: Flag, host: Subject): boolean {
  return sameSubject(parseDatabase(subject)?.host ?? serverOf(subject) ?? '', host)
}
