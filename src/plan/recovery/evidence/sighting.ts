import type { Time } from '../../../base/time.ts'
import type { ProbedFact } from '../../../domain/cadence.ts'
import type { Facts } from '../../../domain/facts.ts'
import type { Acceptance } from '../../../domain/model.ts'
import { whyUnseen } from '../../../domain/observation.ts'
import type { EnvironmentRecord } from '../../../domain/environment-record.ts'
import type { Loss } from '../../../domain/loss/found.ts'
import type { Step } from '../../../domain/runbook.ts'
import type { Flag } from '../../../domain/statement.ts'
import type { Subject } from '../../../domain/words.ts'
import type { Digest } from '../../digest.ts'
import type { Sight } from '../../health/sights.ts'
import type { RecoveryGround } from '../ground.ts'

/** What is seen of a step. `no`: it is seen not to be so, and no word stands against that. `at`: when it was looked at. */
export interface Sighting {
  seen: 'yes' | 'no' | 'unknown'
  /** A sentence for a person. */
  fact: string
  at: Time
  /** Of a fork that is seen to be taken: its way. */
  branch?: string
  /** Of a fork: a way that is seen not to be taken, whatever is said. */
  notBranch?: string
  /** Of `unknown`: it was looked at in vain, or not at all; absent: what was seen does not tell. */
  isHidden?: true
  /** Whether that is there which is lost with what it holds; absent: as `seen`, for the step is about no more. */
  thing?: Sighting['seen']
  /** Of a fork: how it was taken before decides nothing any more, and a person says how to go on. */
  isOpen?: true
}

export interface Ground {
  digest: Digest
  flag: Pick<Flag, 'subject' | 'since' | 'seen' | 'seenOf'>
  loss: Loss
  recovery: RecoveryGround
  /** The environment as the sets want it; null: not known. */
  environment: EnvironmentRecord | null
  /** What the open `Recovery` of the flag accepts. */
  accepts: readonly Acceptance[]
  /** Who is lost around the subject of the flag. */
  isLost: (host: string) => boolean
}

/** `before`: the step at the last pass, if nothing that it needs was undone since. Null: there is nothing to be seen of it. */
export type Look = (subject: Subject, ground: Ground, before: Step | undefined) => Sighting | null

/** `hidden`: it is there, and cannot be looked at now. */
export type Judged = [isSo: boolean | 'hidden', fact: string]

/** Judges what one probe saw; null: that says nothing of the step. */
export function looked<F extends ProbedFact>(
  fact: F,
  subject: Subject,
  { digest: { classes, now } }: Ground,
  judge: (value: Facts[F]) => Judged | null,
): Sighting | null {
  const sight: Sight<Facts[F]> = classes.scene.sights.of(fact, subject)
  const hidden = { seen: 'unknown', isHidden: true } as const
  if (sight.state === 'dark')
    return { ...hidden, fact: `Nobody has looked at ${subject} lately.`, at: sight.observation?.at ?? now }
  if (sight.state === 'silent')
    return { ...hidden, fact: `${subject} does not tell: ${whyUnseen(sight.observation)}`, at: sight.at }
  const judged = judge(sight.value)
  if (judged === null) return null
  const [isSo, told] = judged
  if (isSo === 'hidden') return { ...hidden, fact: told, at: sight.at }
  return { seen: isSo ? 'yes' : 'no', fact: told, at: sight.at }
}

/** The same of what can be asked from here: that it was asked and nothing came is something to be seen. */
export function orSilent<F extends ProbedFact>(
  fact: F,
  subject: Subject,
  ground: Ground,
  judge: (value: Facts[F]) => Judged | null,
): Sighting | null {
  const found = looked(fact, subject, ground, judge)
  const sight = ground.digest.classes.scene.sights.of(fact, subject)
  return found && sight.state === 'silent' && !sight.observation.answered ? { ...found, seen: 'no' } : found
}

/** All of them: one that is not so decides, then one that cannot be seen. Null where nothing is to be seen of any. */
export function allOf(sightings: readonly (Sighting | null)[]): Sighting | null {
  const told = sightings.filter((one) => one !== null)
  if (told.length === 0 || told.length < sightings.length) return told.find(({ seen }) => seen === 'no') ?? null
  const weakest = told.find(({ seen }) => seen === 'no') ?? told.find(({ seen }) => seen === 'unknown')
  if (weakest) return weakest
  const oldest = told.reduce((first, { at }) => (at < first ? at : first), told[0]?.at ?? '')
  return { seen: 'yes', fact: told.map(({ fact }) => fact).join(' '), at: oldest }
}

/**
 * What is passed through and gone again, such as an empty database: once it was so, it stays so. What nobody saw, and somebody
 * only said, goes on resting on that word: that it is not so now says nothing against it.
 */
export function oncePassed(look: Look): Look {
  return (subject, ground, before) => {
    const sighting = look(subject, ground, before)
    if (before === undefined || sighting?.seen === 'yes' || sighting?.isOpen) return sighting
    const { state, evidence = '', branch, seenBranch, proof } = before
    const at = ground.digest.now
    if (seenBranch !== undefined)
      return { seen: 'yes', fact: `It was seen to be ${seenBranch}.`, at, branch: seenBranch }
    if (state !== 'done') return sighting
    if (proof?.how === 'said')
      return branch === undefined && sighting?.seen === 'no' ? { ...sighting, seen: 'unknown' } : sighting
    return { seen: 'yes', fact: evidence, at, ...(branch === undefined ? {} : { branch }) }
  }
}

/** What speaks against a step only before it is done: what is done later changes what is seen. */
export function untilDone(look: Look): Look {
  return (subject, ground, before) => (before?.state === 'done' ? null : look(subject, ground, before))
}
