import { isKeptDatabase } from '../../domain/databases.ts'
import { environmentParts } from '../../domain/environment.ts'
import { none, unknown, type EnvironmentRecord } from '../../domain/environment-record.ts'
import { compareEnvironments, foldedIn, type EnvironmentDifference } from '../../domain/environment-differences.ts'
import { foldSubject, itemKey, parseDatabase } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import { isLostThing } from './lost.ts'
import { nameIsLost } from './lost-names.ts'

/** Everything that must be the same at restore time, against the newest set. What a flag covers already is not told again. */
export function environmentDrift(digest: Digest): Fresh<Finding>[] {
  const recorded = recordedBy('environment', digest)
  if (recorded === null) return []
  const parts = environmentParts(digest.desired, digest.observed).map((part) => compared(recorded, part))
  const told = parts
    .flatMap(({ differences }) => differences)
    .filter((one) => !isLostThing(one.subject, digest) && !(one.fact === 'DNS' && nameIsLost(one.subject, digest)))
  return [
    ...[...Map.groupBy(told, ({ subject }) => subject)].map(([subject, differences]) => changed(subject, differences)),
    ...parts.flatMap((part) => part.recreated),
  ]
}

interface Compared {
  recorded: EnvironmentRecord
  differences: readonly EnvironmentDifference[]
  recreated: readonly Fresh<Finding>[]
}

const known = new WeakMap<EnvironmentRecord, Compared>()

/** Most of thousands of sights say what they said before: each is compared once with a record. */
function compared(recorded: EnvironmentRecord, part: EnvironmentRecord): Compared {
  const found = known.get(part)
  if (found?.recorded === recorded) return found
  const fresh: Compared = {
    recorded,
    differences: compareEnvironments(recorded, part),
    recreated: Object.entries(part).flatMap(([subject, now]) =>
      recreated(subject, foldedIn(recorded).get(foldSubject(subject)), now),
    ),
  }
  known.set(part, fresh)
  return fresh
}

/** The environment as the set with the newest ok copy of such an item of the deployment recorded it; null: unknown. */
export function recordedBy(
  kind: 'environment' | 'configuration',
  { desired, observed, copies }: Digest,
): EnvironmentRecord | null {
  const copy = copies.get(itemKey({ kind, subject: desired.deployment.name }))
  const seen = copy && observed.facts.environmentRecord.get(copy.id)
  return seen?.known ? seen.value.record : null
}

function changed(subject: Subject, differences: readonly EnvironmentDifference[]): Fresh<Finding> {
  const facts = differences.map(({ fact }) => fact).join(', ')
  return {
    code: 'environment-changed',
    severity: 'warning',
    subject,
    desired: differences.map(({ fact, recorded }) => `${fact}: ${recorded}`).join('; '),
    observed: differences.map(({ fact, now }) => `${fact}: ${now}`).join('; '),
    message: `It is not as the newest set recorded it (${facts}): a restore of that set wants it as it was then.`,
  }
}

/**
 * A database that was dropped and made again: its next backup may be one of nothing. A mirror or replica is made again at
 * will, and behind a listener stands now the one, now the other.
 */
function recreated(subject: Subject, was: FactTexts | undefined, now: FactTexts): Fresh<Finding>[] {
  const name = parseDatabase(subject)?.database
  if (name === undefined || !isKeptDatabase(name) || !was || now['state'] !== 'ONLINE') return []
  if (now['mirroringRole'] === 'MIRROR' || isTold(now['replicaRole'], none)) return []
  const fact = isTold(was['guid']) && isTold(now['guid']) ? 'guid' : 'createdAt'
  const [before, after] = [was[fact], now[fact]]
  if (!isTold(before) || !isTold(after) || foldSubject(before) === foldSubject(after)) return []
  return [
    {
      code: 'database-recreated',
      severity: 'error',
      subject,
      desired: `${fact} ${before}`,
      observed: `${fact} ${after}`,
      message:
        'It is another database than the newest set recorded: it was made again, perhaps empty. Look before the next run takes it for good.',
    },
  ]
}

type FactTexts = EnvironmentRecord[Subject]

function isTold(value: string | undefined, but = unknown): value is string {
  return value !== undefined && value !== but
}
