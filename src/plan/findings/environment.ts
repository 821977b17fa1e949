import { isKeptDatabase } from '../../domain/databases.ts'
import { environmentParts } from '../../domain/environment.ts'
import { none, unknown, type EnvironmentRecord } from '../../domain/environment-record.ts'
import {
  comparedFacts,
  compareEnvironments,
  foldedIn,
  type EnvironmentDifference,
} from '../../domain/environment-differences.ts'
import { foldSubject, parseDatabase, sameSubject, sqlSubject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/statement.ts'
import type { Subject } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { recordedBy, recordOf } from '../recorded.ts'
import type { Fresh } from '../standing.ts'
import { isLostThing } from './lost.ts'
import { nameIsLost } from './lost-names.ts'
import { isUntold, isUntoldOfAll } from './untold.ts'
import type { FindingRule } from './rule.ts'

/** Everything that must be the same at restore time, against the newest set. What a flag covers already is not told again. */
export const changedEnvironment: FindingRule = {
  codes: ['environment-changed', 'database-recreated'],
  find,
  isDark,
}

function find(digest: Digest): Fresh<Finding>[] {
  const recorded = recordedBy('environment', digest)
  if (recorded === null) return []
  const parts = environmentParts(digest.desired, digest.observed).map((part) => compared(recorded, part))
  const told = parts
    .flatMap(({ differences }) => differences)
    .filter((one) => !isLostThing(one.subject, digest) && !(one.fact === 'DNS' && nameIsLost(one.subject, digest)))
  return [
    ...[...Map.groupBy(told, ({ subject }) => subject)].map(([subject, differences]) => changed(subject, differences)),
    ...parts.flatMap((part) => part.recreated).filter(({ subject }) => !isFinished(subject, digest)),
  ]
}

/** The record cannot be read, or what was different is seen no more. */
function isDark(open: Finding, digest: Digest): boolean {
  const { subject } = open
  if (recordOf('environment', digest)?.known === false) return !isLostThing(subject, digest)
  const database = parseDatabase(subject)
  if (database !== null) return isUntold('sqlInstance', sqlSubject(database), digest)
  const recorded = foldedIn(recordedBy('environment', digest) ?? {}).get(foldSubject(subject)) ?? {}
  const told = new Set(open.desired.split(between))
  return Object.entries(recorded).some(([key, value]) => {
    const { name, seenBy } = comparedFacts[key] ?? {}
    if (name === undefined || seenBy === undefined || !told.has(said(name, value))) return false
    return ofAll.has(seenBy) ? isUntoldOfAll(seenBy, digest) : isUntold(seenBy, subject, digest)
  })
}

/** Facts that one look tells of the whole deployment. */
const ofAll: ReadonlySet<string> = new Set([
  'dhcp',
  'patchLevels',
  'simpleUrls',
  'oauthCertificate',
  'publishedTopology',
])

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

/** Somebody finished its restore after it was made again: its word is `Recovery.finished`. */
function isFinished(subject: Subject, { desired, observed, now }: Digest): boolean {
  const database = parseDatabase(subject)
  const seen = database && observed.facts.sqlInstance.get(sqlSubject(database))
  const made = seen?.known ? seen.value.databases.find(({ name }) => sameSubject(name, database?.database ?? '')) : null
  const { createdAt } = made ?? {}
  if (!database || !createdAt) return false
  const pools = desired.pools.filter(({ servers }) => servers.some((server) => sameSubject(server, database.host)))
  const names = [subject, database.host, ...pools.map(({ fqdn }) => fqdn)]
  return desired.recoveries.some(
    ({ server, finished }) =>
      finished !== null &&
      finished.at >= createdAt &&
      finished.at <= now &&
      names.some((name) => sameSubject(name, server)),
  )
}

const between = '; '

function said(fact: string, value: string): string {
  return `${fact}: ${value}`
}

function changed(subject: Subject, differences: readonly EnvironmentDifference[]): Fresh<Finding> {
  const facts = differences.map(({ fact }) => fact).join(', ')
  return {
    code: 'environment-changed',
    severity: 'warning',
    subject,
    desired: differences.map(({ fact, recorded }) => said(fact, recorded)).join(between),
    observed: differences.map(({ fact, now }) => said(fact, now)).join(between),
    message: `It is not as the newest set that saw it recorded it (${facts}): a restore wants it as it was then.`,
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
  // It was restored over what was made anew: what it holds is what was held ("RESTORE HEADERONLY", FamilyGUID).
  if (isTold(was['family']) && was['family'] === now['family']) return []
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
