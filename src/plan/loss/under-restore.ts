import { sameSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { leftUnproved } from '../recovery/unproved.ts'

/**
 * Whether Holdfast restores what is flagged now, or a try of it left what is not proved: what is seen to be back may be half of it,
 * and is proved before the flag goes. Nobody waits for a step that Git asks for no more.
 */
export function isUnderRestore(flagged: Subject, { desired, memory }: Pick<Digest, 'desired' | 'memory'>): boolean {
  const isAsked = desired.recoveries.some(
    ({ server, run, finished }) => run === 'holdfast' && finished === null && sameSubject(server, flagged),
  )
  if (!isAsked) return false
  const steps = memory.standing.runbooks.find(({ subject }) => sameSubject(subject, flagged))?.steps ?? []
  const actions = new Set(steps.flatMap(({ run }) => run?.action ?? []))
  const last = new Map(memory.attempts.filter(({ action }) => actions.has(action)).map((one) => [one.action, one]))
  return memory.inFlight.some(({ id }) => actions.has(id)) || [...last.values()].some((one) => leftUnproved(one))
}
