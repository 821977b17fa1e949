import { machineOf } from '../../domain/hosts.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import { isLost } from '../health/classes.ts'
import type { Digest } from '../digest.ts'

/** Whether the host of a subject, or the subject itself, is seen to be lost: its flag tells all that follows from it. */
export function isLostThing(subject: Subject, { classes }: Pick<Digest, 'classes'>): boolean {
  const key = foldSubject(subject)
  const verdicts = [
    classes.hosts.get(foldSubject(machineOf(subject))),
    classes.databases.get(key),
    classes.fileStores.get(key),
  ]
  return verdicts.some(isLost)
}

/** Whether a host was seen to answer; not so while its class is unknown. */
export function answers(host: string, { classes }: Pick<Digest, 'classes'>): boolean {
  const seen = classes.hosts.get(foldSubject(host))?.class
  return seen === 'healthy' || seen === 'degraded'
}
