import type { ProbedFact } from '../../domain/cadence.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { isLostThing } from './lost.ts'

/**
 * Whether a fact that is watched cannot be told now: nothing came, or it came too long ago. What nobody watches any
 * more (no observation) is out of the question, and so is what is lost: its flag says all.
 */
export function isUntold(fact: ProbedFact, subject: Subject, digest: Digest): boolean {
  const sight = digest.classes.scene.sights.of(fact, subject)
  return sight.state !== 'seen' && sight.observation !== null && !isLostThing(subject, digest)
}

/** The same of what is seen once for the whole deployment. */
export function isUntoldOfAll(fact: ProbedFact, digest: Digest): boolean {
  return isUntold(fact, digest.desired.deployment.name, digest)
}
