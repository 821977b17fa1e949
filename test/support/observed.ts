import type { ProblemCode } from '../../src/base/problem-codes.ts'
import { addSeconds, type Time } from '../../src/base/time.ts'
import { eachFact, type Facts } from '../../src/domain/facts.ts'
import { hosts } from '../../src/domain/hosts.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { PublishedTopology } from '../../src/domain/published.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Observation, Observed, Unseen } from '../../src/domain/observation.ts'
import type { Memory } from '../../src/domain/plan.ts'
import type { Item } from '../../src/domain/words.ts'

type Maps = { -readonly [F in keyof Observed['facts']]: Map<string, Observation<Facts[F]>> }

const us = 'owner-1'

/** What is seen of a location that is ours and healthy. */
export function readyLocation(more: Partial<Facts['location']> = {}): Facts['location'] {
  return {
    identity: { id: 'location-1', deployment: 'contoso', owner: us },
    us,
    freeBytes: 1e12,
    totalBytes: 2e12,
    clockOffsetSeconds: 0,
    pointers: {},
    ...more,
  }
}

/** What the Git source says that was read a moment ago, and is in order. */
export function readSource(more: Partial<Facts['source']> = {}): Facts['source'] {
  const at = '2026-03-10T00:00:00.000Z'
  return { head: 'r', lastGood: 'r', fetchedAt: at, unreachable: null, invalid: [], ...more }
}

export function seen<T>(subject: string, value: T, at: Time = '2026-03-10T00:00:00.000Z'): Observation<T> {
  return { subject, at, since: at, source: 'test', known: true, value }
}

export function notSeen(subject: string, error: string, why: Partial<Unseen> = {}): Observation<never> & Unseen {
  const at = '2026-03-10T00:00:00.000Z'
  return { subject, at, since: at, source: 'test', ...unseen('unexpected', error), ...why }
}

/** What a look saw to which nothing answered. */
export function unseen(code: ProblemCode, error = 'no answer'): Unseen {
  return { known: false, code, answered: false, error }
}

/** The topology that was published, when it says the same as this desired state. */
export function publishedAs(desired: Desired): PublishedTopology {
  return {
    sipDomains: desired.deployment.sipDomains,
    product: desired.deployment.product,
    centralManagementStore: desired.deployment.centralManagementStore?.name ?? null,
    pools: desired.pools.map((pool) => ({
      ...pool,
      stores: Object.fromEntries(Object.entries(pool.stores).map(([role, store]) => [role, store.name])),
      fileStore: pool.fileStore?.name ?? null,
    })),
    sqlStores: desired.sqlStores,
    fileStores: desired.fileStores,
    hosts: hosts(desired).map(({ fqdn }) => fqdn),
  }
}

/** A world in which location `main` is ready, and these sets stand on it. */
export function world(sets: readonly SetSummary[] = [], facts: Partial<Maps> = {}): Observed {
  return {
    facts: {
      ...eachFact(() => new Map<string, never>()),
      location: new Map([['main', seen('main', readyLocation())]]),
      source: new Map([['contoso', seen('contoso', readSource())]]),
      ...facts,
    },
    sets,
  }
}

const someItem: readonly Item[] = [{ kind: 'configuration', subject: 'contoso' }]

/** A complete whole set of policy `nightly` that started at `startedAt` and took ten minutes. */
export function summary(startedAt: Time, more: Partial<SetSummary> = {}): SetSummary {
  const name = more.policy ?? 'nightly'
  return {
    id: `${name}/${startedAt}`,
    policy: name,
    location: 'main',
    state: 'complete',
    whole: true,
    slot: null,
    startedAt,
    finishedAt: addSeconds(startedAt, 600),
    bytes: 1000,
    ok: someItem,
    verified: {},
    ...more,
  }
}

/** Nothing in flight, nothing asked for, nothing remembered. */
export function memory(more: Partial<Memory> = {}): Memory {
  return {
    inFlight: [],
    progress: {},
    requests: [],
    attempts: [],
    doneLately: [],
    ranSteps: [],
    pastRuns: {},
    restoreProofs: {},
    standing: { conditions: [], findings: [], flags: [], runbooks: [] },
    applied: null,
    settled: true,
    vanished: [],
    disputes: [],
    replaced: [],
    ...more,
  }
}
