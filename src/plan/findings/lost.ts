import { machineOf } from '../../domain/hosts.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Class, Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'

const lost: ReadonlySet<Class> = new Set(['absent', 'clean', 'half-built'])

/** Whether the host of a subject, or the subject itself, is seen to be lost: its flag tells all that follows from it. */
export function isLost(subject: Subject, { classes }: Pick<Digest, 'classes'>): boolean {
  const key = foldSubject(subject)
  const verdicts = [
    classes.hosts.get(foldSubject(machineOf(subject))),
    classes.databases.get(key),
    classes.fileStores.get(key),
  ]
  return verdicts.some((verdict) => verdict !== undefined && lost.has(verdict.class))
}

/** Whether a host was seen to answer; not so while its class is unknown. */
export function answers(host: string, { classes }: Pick<Digest, 'classes'>): boolean {
  const seen = classes.hosts.get(foldSubject(host))?.class
  return seen === 'healthy' || seen === 'degraded'
}
