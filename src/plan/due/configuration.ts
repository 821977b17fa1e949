import { addSeconds, type Time } from '../../base/time.ts'
import type { Action } from '../../domain/action.ts'
import { unknown } from '../../domain/environment-record.ts'
import { newestUpdate } from '../../domain/environment-sights.ts'
import type { BackupPolicy } from '../../domain/model.ts'
import { believableUntil } from '../../domain/clock-skew.ts'
import { itemKey } from '../../domain/subject.ts'
import type { ItemKind } from '../../domain/words.ts'
import type { Digest } from '../digest.ts'
import { recordedBy } from '../recorded.ts'
import { unscheduledParts } from '../selections.ts'
import { actionId } from './hash.ts'
import { retryAt, triesIn } from './tries.ts'

const kinds: ReadonlySet<ItemKind> = new Set(['configuration', 'location-information', 'environment'])
/** A change is rarely the last one: wait until it has been quiet for so long. */
const quietSeconds = 300
const betweenRunsSeconds = 3600
/** From then on tries share an id. */
const mostTries = 9

/**
 * "Export-CsConfiguration after every configuration change" ("Best practices for backup and restoration"): what is
 * published now is not what the newest copy of the configuration was taken of. At most one such run an hour; only a
 * failed one is tried again before.
 */
export function configurationRun(policy: BackupPolicy, digest: Digest): Action | null {
  const items = digest.required(policy).filter(({ kind }) => kinds.has(kind))
  if (!policy.afterConfigurationChange || !items.some(({ kind }) => kind === 'configuration')) return null
  const change = changeOf(digest)
  if (change === null) return null
  const idOf = (tries: number): string =>
    actionId('create-backup-set', policy.name, ['configuration', ...change.ground, tries])
  const ids = new Set(Array.from({ length: mostTries + 1 }, (_, number) => idOf(number)))
  const own = digest.attempts('create-backup-set', policy.name).filter(({ action }) => ids.has(action))
  const tries = triesIn(own, policy, digest)
  const at = tries.length > 0 ? retryAt(tries, digest.now) : nextRunAfter(policy, digest)
  if (at === null || at > digest.now) return null
  return {
    location: policy.location.name,
    kind: 'create-backup-set',
    id: idOf(Math.min(tries.length, mostTries)),
    subject: policy.name,
    policy: policy.name,
    cause: 'corrective',
    slot: null,
    whole: false,
    items,
    reason: change.reason,
    request: null,
  }
}

interface Change {
  reason: string
  ground: readonly (string | null)[]
}

/** What changed since the newest ok copy; null: nothing, or nobody can tell. It never goes by the bytes of an export. */
function changeOf(digest: Digest): Change | null {
  const { name } = digest.desired.deployment
  const copy = digest.copies.get(itemKey({ kind: 'configuration', subject: name }))
  const recorded = recordedBy('configuration', digest)?.[name]
  if (!copy || !recorded) return null
  const topology = published(recorded['topology'], digest)
  const update = updated(recorded['configurationUpdatedAt'], digest)
  if (topology === null && update === null) return null
  const what = topology === null ? `The configuration was changed at ${update}` : 'The topology was published anew'
  return { reason: `${what}; the newest copy, ${copy.id}, is from before.`, ground: [copy.id, topology, update] }
}

/** The signature that is published, when it is another one than was recorded, and has been for a while. */
function published(recorded: string | undefined, { desired, observed, now }: Digest): string | null {
  const seen = observed.facts.publishedTopology.get(desired.deployment.name)
  if (!seen?.known || recorded === undefined || recorded === unknown) return null
  return seen.value.signature !== recorded && seen.since <= addSeconds(now, -quietSeconds) ? seen.value.signature : null
}

/** When settings were last changed, when that was after what was recorded, and a while ago. */
function updated(recorded: string | undefined, { desired, observed, now }: Digest): Time | null {
  const seen = observed.facts.replication.get(desired.deployment.name)
  if (!seen?.known || recorded === undefined || recorded === unknown) return null
  const newest = newestUpdate(seen.value.replicas)
  return newest !== unknown && newest > recorded && newest <= addSeconds(now, -quietSeconds) ? newest : null
}

/** An hour after the last run of this sort, as sets and attempts tell; a set that a wrong clock dated ahead tells nothing. */
function nextRunAfter(policy: BackupPolicy, digest: Digest): Time {
  const limit = believableUntil(digest.now)
  const started = [
    ...unscheduledParts(digest.setsOf(policy.name)),
    ...digest
      .attempts('create-backup-set', policy.name)
      .filter(({ slot, request }) => slot === null && request === null),
  ].map(({ startedAt }) => startedAt)
  const last = started.filter((at) => at <= limit).reduce((newest, at) => (at > newest ? at : newest), '')
  return last === '' ? digest.now : addSeconds(last, betweenRunsSeconds)
}
