// Plans once and again for a large deployment, and prints the median time and the memory of this process as JSON.
import '../../src/cli/compile-cache.js'
import '../../src/cli/small-heap.js'
import { performance } from 'node:perf_hooks'
import { makeRoomFor } from '../../src/base/heap.ts'
import { addSeconds } from '../../src/base/time.ts'
import { requiredItems } from '../../src/domain/inventory.ts'
import type { Desired, Pool } from '../../src/domain/model.ts'
import { eachFact } from '../../src/domain/facts.ts'
import type { SetSummary } from '../../src/domain/backup-set.ts'
import type { Observation, Observed } from '../../src/domain/observation.ts'
import type { Item } from '../../src/domain/words.ts'
import { plan } from '../../src/plan/plan.ts'
import { desiredState, fileStore, policy, pool, sqlStore } from '../support/desired.ts'
import { memory, readyLocation, seen } from '../support/observed.ts'

const pools = 1000
const serversPerPool = 5
const sets = 100_000
const policies = 10
const itemsPerSet = 25
const now = '2026-03-10T12:00:00.000Z'

function largeDeployment(): Desired {
  const sqlStores = Array.from({ length: pools }, (_, n) => sqlStore(`sql${n}.contoso.com`))
  const fileStores = Array.from({ length: 100 }, (_, n) => fileStore(`\\\\fs${n}.contoso.com\\Share`))
  const all = Array.from({ length: pools }, (_, n): Pool => {
    const servers = Array.from({ length: serversPerPool }, (_server, s) => `fe${n}-${s}.contoso.com`)
    const stores = { user: sqlStores[n]!, archiving: sqlStores[n]!, monitoring: sqlStores[n]! }
    return pool(`pool${n}.contoso.com`, 'front-end', { servers, applications: ['response-group'], stores })
  })
  const share = pools / policies
  const named = Array.from({ length: policies }, (_, n) =>
    policy(`policy-${n}`, {
      include: { kinds: [], pools: all.slice(n * share, (n + 1) * share).map(({ fqdn }) => fqdn), stores: [] },
      recoveryPointObjectiveSeconds: 86_400,
      verification: { onCreate: 'checksum', everyDays: 30, restoreTest: null },
    }),
  )
  return desiredState({ pools: all, sqlStores, fileStores, policies: named })
}

/** Many sets of few different lists of items, as the catalogue shares them. */
function setsOf(desired: Desired): SetSummary[] {
  const lists = desired.policies.map((one): readonly Item[] => requiredItems(desired, one).slice(0, itemsPerSet))
  return Array.from({ length: sets }, (_, n): SetSummary => {
    const name = `policy-${n % policies}`
    const startedAt = addSeconds(now, -600 - Math.floor(n / policies) * 3600)
    return {
      id: `${name}/${startedAt}-${n}`,
      policy: name,
      location: 'main',
      state: n % 50 === 0 ? 'partial' : 'complete',
      whole: true,
      slot: startedAt,
      startedAt,
      finishedAt: addSeconds(startedAt, 300),
      bytes: n,
      ok: lists[n % policies]!,
      verified: { checksum: startedAt },
    }
  })
}

const desired = largeDeployment()
/** Every machine, instance and share as it was seen a moment ago; all is well. */
function everythingSeen(desired: Desired): Observed['facts'] {
  const all = <T>(subjects: readonly string[], value: (subject: string) => T): Map<string, Observation<T>> =>
    new Map(subjects.map((subject) => [subject, seen(subject, value(subject), now)]))
  const servers = desired.pools.flatMap((one) => one.servers)
  const others = [
    ...desired.sqlStores.map(({ host }) => host),
    ...desired.fileStores.map(({ path }) => path.split('\\')[2] ?? ''),
  ]
  const database = (name: string) => ({
    ...{ name, guid: null, state: 'ONLINE', recoveryModel: 'SIMPLE', createdAt: '2025-06-01T00:00:00.000Z' },
    ...{ mirroringRole: null, replicaRole: null },
  })
  const names = ['rtcxds', 'rtcshared', 'rtcab', 'rgsconfig', 'rgsdyn', 'LcsLog', 'LcsCDR', 'QoEMetrics']
  const services = ['RTCSRV', 'RTCCAA', 'RTCASMCU', 'FabricHostSvc', 'W3SVC', 'REPLICA']
  return {
    ...eachFact(() => new Map<string, never>()),
    location: all(['main'], () => readyLocation()),
    ports: new Map([
      ...all(servers, () => ({ open: [445, 5061], closed: [] })),
      ...all(others, () => ({ open: [445], closed: [] })),
    ]),
    services: all(servers, () => ({ services: services.map((name) => ({ name, status: 'Running' })) })),
    sqlInstance: all(
      desired.sqlStores.map(({ host, instance }) => `${host}\\${instance}`),
      (machine) => ({
        ...{ version: '12.0.6024.0', edition: 'Standard Edition', machine, administrator: true },
        databases: names.map(database),
      }),
    ),
    fileStore: all(
      desired.fileStores.map(({ path }) => path),
      () => ({ folders: ['1-WebServices-1'], entries: 100, bornAt: '2025-06-01T00:00:00.000Z' }),
    ),
    replication: all([desired.deployment.name], () => ({
      replicas: servers.map((fqdn) => ({ fqdn, upToDate: true, lastStatusReport: now, lastUpdateCreation: now })),
    })),
  }
}

makeRoomFor(100_000) // as the cache of so many sets does
const observed: Observed = { facts: everythingSeen(desired), sets: setsOf(desired) }
globalThis.gc?.() // what making up the input left behind is not the planner's
const times = Array.from({ length: 5 }, () => {
  const start = performance.now()
  plan(desired, observed, memory(), now)
  return (performance.now() - start) / 1000
}).sort((a, b) => a - b)
const result = {
  seconds: times[2] ?? 0,
  slowest: times.at(-1) ?? 0,
  residentBytes: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(`${JSON.stringify(result)}\n`)
