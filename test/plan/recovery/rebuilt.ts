/**
 * A deployment whose archiving server was lost and built anew: its database is there, empty, and a `Recovery` asks
 * Holdfast to restore it. Everything holds that the gate asks for; a test changes one thing.
 */
import type { Skew } from '../../../src/domain/clock-skew.ts'
import type { EnvironmentRecord } from '../../../src/domain/environment-record.ts'
import type { DatabaseFacts, Facts, SourceTrouble } from '../../../src/domain/facts.ts'
import type { SetSummary } from '../../../src/domain/backup-set.ts'
import type { Recovery, SqlStore, Suspension } from '../../../src/domain/model.ts'
import type { Memory, Plan, Snapshot } from '../../../src/domain/plan.ts'
import type { Runbook, StepRun } from '../../../src/domain/runbook.ts'
import type { Flag } from '../../../src/domain/statement.ts'
import type { Action, ActionOf } from '../../../src/domain/action.ts'
import type { Item } from '../../../src/domain/words.ts'
import type { Digest } from '../../../src/plan/digest.ts'
import { digestOf } from '../../../src/plan/digest-of.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, fileStore, pool, sqlStore } from '../../support/desired.ts'
import {
  memory,
  notSeen,
  publishedAs,
  readSource,
  readyLocation,
  seen,
  summary,
  world,
} from '../../support/observed.ts'

export const [lost, after] = ['2026-03-10T10:00:00.000Z', '2026-03-10T11:00:00.000Z']
const now = '2026-03-10T12:00:00.000Z'
export const server = 'sql05.contoso.com'
export const database = `${server}/LcsLog`
export const good = 'nightly/2026-03-10T02:00:00.000Z'
const front = 'pool01.contoso.com'
const recordOnly = 'nightly/2026-03-09T02:00:00.000Z'

/** What a person does before Holdfast restores; what is seen needs no word. */
const preparing = [
  ...['check-surroundings', 'check-restore-rights', 'rebuild-machine', 'install-sql-server', 'take-image'],
  ...['download-topology', 'create-databases', 'update-databases'],
]

/** What is not as it should be. */
export interface Change {
  /** Null: there is none. */
  recovery?: Partial<Recovery> | null
  /** What nobody says was done. */
  unsaid?: string
  flag?: Partial<Flag>
  /** What the server stores for the pool beside its archive. */
  role?: 'monitoring' | 'user'
  /** Path of the file store that the pool has on the server. */
  share?: string
  /** Path of it that the published topology gives the pool; null: none. Absent: nobody sees what is published. */
  published?: string | null
  /** Of each database. */
  database?: Partial<DatabaseFacts>
  /** Of that of the users alone. */
  rtcxds?: Partial<DatabaseFacts>
  databases?: 'none' | 'silent'
  /** Databases beside those. */
  alsoThere?: readonly string[]
  /** The thumbprint of what its copy is encrypted with (TDE). */
  encryptor?: string
  /** What opens encrypted backups on its server; null: that is not shown. */
  encryptors?: readonly string[] | null
  /** The clock of its server. */
  clock?: Skew
  set?: Partial<SetSummary>
  /** How things were; null: no set tells. */
  record?: EnvironmentRecord | null
  location?: 'silent'
  /** Why Git cannot be read; `never`: nobody has tried yet. */
  git?: SourceTrouble | 'never'
  /** Of the server of the pool: all of them are so, as seen now. */
  services?: 'Running' | 'Stopped'
  suspensions?: readonly Suspension[]
  memory?: Partial<Memory>
  /** Null: the server was never lost. */
  flags?: null
  /** Where Git says that the Central Management store is. */
  centralStore?: SqlStore
  /** Where Active Directory says that it is; not given: nobody has looked. */
  pointsAt?: string
}

/** All of them at once. */
export function together(changes: readonly Change[]): Change {
  return changes.reduce<Change>((all, one) => {
    const isNone = all.recovery === null || one.recovery === null
    const record = all.record === null || one.record === null ? null : mergedRecords(all.record, one.record)
    return {
      ...{ ...all, ...one },
      ...{ recovery: isNone ? null : { ...all.recovery, ...one.recovery } },
      ...{ flag: { ...all.flag, ...one.flag }, database: { ...all.database, ...one.database } },
      ...{ set: { ...all.set, ...one.set }, memory: { ...all.memory, ...one.memory }, record },
    }
  }, {})
}

function mergedRecords(a: EnvironmentRecord = {}, b: EnvironmentRecord = {}): EnvironmentRecord {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...keys].map((key) => [key, { ...a[key], ...b[key] }]))
}

export function planned(change: Change = {}): Plan {
  return plan(...inputs(change))
}

/** The same, with what it was made on. */
export function snapshotOf(change: Change = {}): Snapshot {
  const [desired, observed, known, at] = inputs(change)
  return { desired, observed, memory: known, plan: plan(desired, observed, known, at), now: at }
}

/** The same, with what the planner looks up. */
export function digested(change: Change = {}): Digest {
  return digestOf(...inputs(change))
}

function inputs(change: Change): Parameters<typeof plan> {
  const store = sqlStore(server, '')
  const stores = { archiving: store, ...(change.role && { [change.role]: store }) }
  const recoveries = change.recovery === null ? [] : [declared(change)]
  const fileStores = change.share === undefined ? [] : [fileStore(change.share)]
  const users = pool('pool01.contoso.com', 'front-end', { stores, fileStore: fileStores[0] ?? null })
  const desired = desiredState({
    ...{ pools: [users], sqlStores: [store], fileStores, recoveries },
    deployment: { ...desiredState().deployment, centralManagementStore: change.centralStore ?? null },
    suspensions: change.suspensions ?? [],
  })
  const flag: Flag = {
    ...{ subject: server, scenario: 'archiving-monitoring', reason: '', since: lost, evidence: [] },
    ...{ seen: ['absent', 'clean'], ...change.flag },
  }
  const flags = change.flags === null ? [] : [flag]
  const runbooks = change.memory?.standing?.runbooks ?? []
  const standing = { conditions: [], findings: [], flags, runbooks }
  return [desired, observed(change), memory({ ...change.memory, standing }), now]
}

function declared({ recovery, unsaid }: Change): Recovery {
  const word = { subject: null, by: 'Jane', at: after, note: null }
  return {
    ...{ name: 'r', file: 'r.yaml', server, scenario: 'archiving-monitoring', from: 'latest', run: 'holdfast' },
    ...{ accept: [], choose: [], finished: null },
    acknowledge: preparing.filter((step) => step !== unsaid).map((step) => ({ step, ...word })),
    ...recovery,
  }
}

const databasesFor = {
  ...{ archiving: ['LcsLog'], monitoring: ['LcsLog', 'LcsCDR', 'QoEMetrics'], user: ['LcsLog', 'rtcxds'] },
}

function observed(change: Change) {
  const names = databasesFor[change.role ?? 'archiving']
  const facts = {
    ...{ version: '12.0.6024.0', edition: 'Standard Edition', machine: 'SQL05', administrator: true },
    databases:
      change.databases === 'none' ? [] : [...names, ...(change.alsoThere ?? [])].map((name) => empty(name, change)),
    ...(change.clock && { clock: change.clock }),
    ...(change.encryptors === null ? {} : { encryptors: change.encryptors ?? [] }),
  }
  const ok: Item[] = names
    .filter((name) => name !== 'rtcxds')
    .map((name) => ({ kind: 'sql-database', subject: `${server}/${name}` }))
  if (change.role === 'user') ok.push({ kind: 'user-data', subject: 'pool01.contoso.com' })
  const held = summary('2026-03-10T02:00:00.000Z', {
    ...{ ok, verified: { content: '2026-03-10T03:00:00.000Z' }, ...change.set },
  })
  const older = summary('2026-03-09T02:00:00.000Z', { ok: [{ kind: 'environment', subject: 'contoso' }] })
  const record = mergedRecords(
    { contoso: { product: 'lync-server-2013' }, [server]: { version: facts.version, edition: facts.edition } },
    change.record ?? {},
  )
  const encryptors = change.encryptor === undefined ? {} : { [database]: change.encryptor }
  const ids = change.record === null ? [] : [held.id, recordOnly]
  return {
    ...world([held, older]),
    facts: {
      ...world().facts,
      sqlInstance: new Map([
        [
          server,
          change.databases === 'silent'
            ? { ...notSeen(server, 'no answer', { answered: true }), at: now }
            : seen(server, facts, now),
        ],
      ]),
      ports: new Map([[server, seen(server, { open: [445], closed: [] }, now)]]),
      ...(change.published !== undefined && {
        publishedTopology: new Map([['contoso', seen('contoso', publishing(change.published), now)]]),
      }),
      ...(change.git && { source: new Map([['contoso', seen('contoso', unread(change.git), now)]]) }),
      services: new Map(
        change.services ? [[front, seen(front, { services: [{ name: 'RTCSRV', status: change.services }] }, now)]] : [],
      ),
      ...(change.pointsAt && {
        centralManagement: new Map([
          ['contoso', seen('contoso', { location: change.pointsAt, activeMaster: null, fileTransferAgents: [] }, now)],
        ]),
      }),
      environmentRecord: new Map(ids.map((id) => [id, seen(id, { record, encryptors }, now)])),
      location: new Map([
        [
          'main',
          change.location === 'silent' ? notSeen('main', 'no route to host') : seen('main', readyLocation(), now),
        ],
      ]),
    },
  }
}

function publishing(path: string | null): Facts['publishedTopology'] {
  const store = path === null ? null : fileStore(path)
  const users = pool(front, 'front-end', { fileStore: store })
  return { signature: 's', topology: publishedAs(desiredState({ pools: [users], fileStores: store ? [store] : [] })) }
}

function unread(why: SourceTrouble | 'never'): Facts['source'] {
  return readSource(why === 'never' ? { fetchedAt: null } : { unreachable: why })
}

function empty(name: string, change: Change): DatabaseFacts {
  return {
    ...{ name, guid: null, state: 'ONLINE', recoveryModel: 'SIMPLE', createdAt: after },
    ...{ mirroringRole: null, replicaRole: null, ...change.database, ...(name === 'rtcxds' && change.rtcxds) },
  }
}

export const restoring = ({ actions }: Plan): ActionOf<'recovery-step'>[] =>
  actions.filter((one: Action) => one.kind === 'recovery-step')

/** The only one. */
export function runbook({ runbooks: [one, ...others] }: Plan): Runbook {
  if (!one || others.length > 0) throw new Error(`there are ${others.length + (one ? 1 : 0)} runbooks`)
  return one
}

/** How a step stands that Holdfast runs; that which restores the database unless told otherwise. */
export function run(made: Plan, step = 'restore-databases', of = database): StepRun {
  const found = runbook(made).steps.find(({ id, subject }) => id === step && subject === of)?.run
  if (!found) throw new Error('Holdfast does not run it')
  return found
}
