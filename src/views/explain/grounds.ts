import { secondsBetween, type Time } from '../../base/time.ts'
import type { Attempt } from '../../domain/action.ts'
import { factKinds, type Facts } from '../../domain/facts.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { SetSummary } from '../../domain/backup-set.ts'
import type { Observation, Observed } from '../../domain/observation.ts'
import type { Evidence } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../../plan/digest.ts'
import type { Flaw } from '../../plan/flaws.ts'
import { tell, tellFlaw } from './tell.ts'

/** What was seen of a subject, of every kind of fact or of some. */
export function seenOf(
  subject: Subject,
  observed: Observed,
  now: Time,
  kinds: readonly (keyof Facts)[] = factKinds,
): Evidence[] {
  return kinds.flatMap((fact) => {
    const found = [...observed.facts[fact]].find(([name]) => foldSubject(name) === foldSubject(subject))
    return found ? [groundOf(fact, found[1] as Observation<never>, now)] : []
  })
}

function groundOf<F extends keyof Facts>(fact: F, observation: Observation<Facts[F]>, now: Time): Evidence {
  const { subject, source, at } = observation
  return { fact: `${fact} ${subject}`, value: tell(fact, observation), source, ...agedAt(at, now) }
}

/** A set, as its location was last seen to hold it. */
export function setSeen(set: SetSummary, { observed, hidden, now }: Digest): Evidence {
  const location = observed.facts.location.get(set.location)
  const isHidden = hidden(set.location) !== null
  const proofs = Object.entries(set.verified).map(([level, at]) => `${level} ${at}`)
  const verified = proofs.length === 0 ? 'not verified' : `verified: ${proofs.join(', ')}`
  return {
    fact: `set ${set.id}`,
    value: `${isHidden ? 'as last seen: ' : ''}${set.state}, ${set.ok.length} items ok, ${verified}`,
    source: `location ${set.location}`,
    ...agedAt((isHidden ? location?.since : location?.at) ?? set.finishedAt ?? set.startedAt, now),
  }
}

/** Why the newest run of an item brought no ok copy. */
export function flawSeen({ item, set }: Flaw, digest: Digest): Evidence {
  return { ...setSeen(set, digest), fact: `${item.kind} in set ${set.id}`, value: tellFlaw(item) }
}

/** How the last run of a policy ended, as this daemon remembers it. */
export function attemptSeen({ outcome, set, message, endedAt }: Attempt, { now }: Digest): Evidence {
  const value = [set === null ? outcome : `${outcome}, set ${set}`, ...(message === null ? [] : [message])].join(': ')
  return { fact: 'last run', value, source: 'state store', ...agedAt(endedAt, now) }
}

/** What Git says: the revision in force, as the source was last read. */
export function committed(fact: string, value: string, { desired, observed, now }: Digest): Evidence {
  const [source] = [...observed.facts.source.values()]
  return { fact, value, source: `revision ${desired.revision.slice(0, 12)}`, ...agedAt(source?.at ?? now, now) }
}

function agedAt(at: Time, now: Time): Pick<Evidence, 'observedAt' | 'ageSeconds'> {
  return { observedAt: at, ageSeconds: Math.max(0, Math.round(secondsBetween(at, now))) }
}
