/** What the open `Recovery` of a flag accepts by name, that the gate else refuses. */
import type { ProblemCode } from '../../base/problem-codes.ts'
import type { Time } from '../../base/time.ts'
import type { Gate, Refused } from '../../domain/gate.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Ground } from './evidence/sighting.ts'

/** A word from before the loss, or the last one, says nothing of it. `wanted`: exactly what is to be accepted. */
export function isAccepted(
  wanted: NonNullable<Refused['accept']>,
  { accepts, flag: { since }, digest: { now } }: Pick<Ground, 'accepts' | 'flag' | 'digest'>,
  lostAgainAt: Time | null = null,
): boolean {
  return accepts.some(
    ({ what, subject, fact, at }) =>
      what === wanted.what &&
      at >= since &&
      isSinceLoss(at, lostAgainAt) &&
      at <= now &&
      (subject === null || sameSubject(subject, wanted.subject)) &&
      (wanted.fact === undefined ? fact === null : fact !== null && sameSubject(fact, wanted.fact)),
  )
}

/** Whether what was said then is of what was made anew after it was lost once more; null: it was not. */
export function isSinceLoss(at: Time, lostAgainAt: Time | null | undefined): boolean {
  return lostAgainAt === null || lostAgainAt === undefined || at > lostAgainAt
}

const byCode: Readonly<Partial<Record<ProblemCode, 'product-changed' | 'sql-version-older'>>> = {
  'set-other-product': 'product-changed',
  'sql-version-older': 'sql-version-older',
}

/** Under which name a difference of the environment stands against a step, by the code of its blocker. */
export function gateOfDifference(
  code: ProblemCode,
): Extract<Gate, 'product-changed' | 'sql-version-older' | 'environment-changed'> {
  return byCode[code] ?? 'environment-changed'
}
