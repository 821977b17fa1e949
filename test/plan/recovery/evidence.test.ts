import { beforeAll, expect, test } from 'vitest'
import type { EnvironmentRecord } from '../../../src/domain/environment-record.ts'
import type { DatabaseFacts, Facts } from '../../../src/domain/facts.ts'
import { lossOf } from '../../../src/domain/loss/loss.ts'
import type { Desired } from '../../../src/domain/model.ts'
import type { Step } from '../../../src/domain/runbook.ts'
import { digestOf } from '../../../src/plan/digest-of.ts'
import { databaseEvidence } from '../../../src/plan/recovery/evidence/databases.ts'
import { machineEvidence } from '../../../src/plan/recovery/evidence/machines.ts'
import type { Ground, Look, Sighting } from '../../../src/plan/recovery/evidence/sighting.ts'
import { mirrorEvidence } from '../../../src/plan/recovery/evidence/mirrors.ts'
import { poolEvidence } from '../../../src/plan/recovery/evidence/stores-and-pools.ts'
import { chosenCopies } from '../../../src/plan/recovery/chosen-copies.ts'
import { recoveryGround } from '../../../src/plan/recovery/ground.ts'
import { contoso } from '../../support/contoso.ts'
import { memory, notSeen, publishedAs, seen, summary } from '../../support/observed.ts'
import { healthyServers, observe, type Servers } from '../../support/servers.ts'

// What is seen of each step, by hand from the domain reference, sections 6 and 8.
const looks: Readonly<Record<string, Look>> = {
  ...machineEvidence,
  ...databaseEvidence,
  ...mirrorEvidence,
  ...poolEvidence,
}
const now = '2026-03-10T12:00:00.000Z'
const lost = '2026-03-10T11:00:00.000Z'

let desired: Desired
beforeAll(async () => {
  desired = await contoso()
})

interface Case {
  /** What is lost. */
  of?: string
  world?: (world: Servers) => void
  facts?: { [F in keyof Facts]?: Record<string, Facts[F]> }
  silent?: [fact: keyof Facts, subject: string][]
  recorded?: EnvironmentRecord
  /** The step was done at the last pass. */
  was?: string
  /** And took this way. */
  branch?: string
  /** And that was seen, not said. */
  wasSeen?: boolean
  wasSaid?: boolean
  /** Machines that are lost around it. */
  lost?: readonly string[]
}

function sighting(
  id: string,
  subject: string,
  { of = 'sql12.contoso.com', was, branch, wasSeen, wasSaid, ...given }: Case,
): Sighting | null {
  const world = healthyServers(desired)
  given.world?.(world)
  const observed = observe(world, now)
  const facts = observed.facts as unknown as Record<string, Map<string, unknown>>
  for (const [fact, values] of Object.entries(given.facts ?? {}))
    for (const [about, value] of Object.entries(values)) facts[fact]?.set(about, seen(about, value, now))
  for (const [fact, about] of given.silent ?? [])
    facts[fact]?.set(about, { ...notSeen(about, 'no answer'), at: now, since: now })
  const flag = { subject: of, scenario: 'back-end', reason: '', since: lost, evidence: [], seen: [] } as const
  const standing = { conditions: [], findings: [], flags: [flag], runbooks: [] }
  const digest = digestOf(desired, observed, memory({ standing }), now)
  const isLost = (host: string): boolean => given.lost?.includes(host) === true
  const loss = lossOf(of, desired, { isLost: () => false, isTakenOver: () => true })!
  const recovery = recoveryGround(digest, [flag], chosenCopies('latest', digest))
  const ground: Ground = { digest, flag, loss, recovery, environment: given.recorded ?? null, accepts: [], isLost }
  const before =
    was === undefined
      ? undefined
      : ({
          state: 'done',
          evidence: was,
          ...(branch && { branch }),
          ...(wasSeen && { proof: { how: 'seen' } }),
          ...(wasSaid && { proof: { how: 'said' } }),
        } as Step)
  return looks[id]!(subject, ground, before)
}

const databases = (world: Servers, instance: string): DatabaseFacts[] => world.instances.get(instance)!.databases
function die(world: Servers, fqdn: string): void {
  world.hosts.get(fqdn)!.powered = false
}

const all =
  (instance: string, more: Partial<DatabaseFacts>) =>
  (world: Servers): void => {
    const found = world.instances.get(instance)!
    // Alone: what its partner would say of it is not asked.
    found.partner = null
    found.databases = found.databases.map((one) => ({ ...one, ...more }))
  }
/** Every database of both instances. */
function inGroup(world: Servers): void {
  for (const name of [sql11, sql12]) all(name, { mirroringRole: null, replicaRole: 'PRIMARY' })(world)
}
/** The first database alone. */
const one =
  (instance: string, more: Partial<DatabaseFacts>) =>
  (world: Servers): void => {
    const found = world.instances.get(instance)!
    found.partner = null
    Object.assign(found.databases[0]!, more)
  }
/** A login that is not sysadmin sees no session of what is not open. */
const hidden =
  (instance: string) =>
  (world: Servers): void => {
    all(instance, { state: 'RESTORING', mirroringRole: null, mirroringState: null })(world)
    world.instances.get(instance)!.administrator = false
  }
/** sql11 as the topology has it: mirrored, alone, or in the place of its partner. */
function topologyOf(how: 'mirror' | 'none' | 'other'): NonNullable<Case['facts']> {
  const store = (host: string, partner: string | null) => ({
    ...{ name: 'rtc', host: `${host}.contoso.com`, instance: 'rtc' },
    highAvailability:
      partner === null
        ? { kind: 'none' as const }
        : {
            ...{ kind: 'mirror' as const, witness: null },
            partner: { host: `${partner}.contoso.com`, instance: 'rtc' },
          },
  })
  const sqlStores = [how === 'other' ? store('sql12', 'sql11') : store('sql11', how === 'mirror' ? 'sql12' : null)]
  const empty = { sipDomains: [], product: 'lync-server-2013', centralManagementStore: null, pools: [] } as const
  return {
    publishedTopology: { contoso: { signature: '1', topology: { ...empty, sqlStores, fileStores: [], hosts: [] } } },
  }
}
const sql01 = String.raw`sql01.contoso.com\rtc`
const sql11 = String.raw`sql11.contoso.com\rtc`
const sql12 = String.raw`sql12.contoso.com\rtc`
const central = (more: Partial<Facts['centralManagement']>): NonNullable<Case['facts']> => ({
  centralManagement: { contoso: { location: sql01, activeMaster: null, fileTransferAgents: [], ...more } },
})
const state = (name: string): NonNullable<Case['facts']> => ({
  poolStates: { contoso: { pools: [{ fqdn: 'pool02.contoso.com', state: name }] } },
})
const fabric = (withoutPrimary: number, withoutSecondary: number): NonNullable<Case['facts']> => ({
  fabric: { 'pool01.contoso.com': { routingGroups: 40, withoutPrimary, withoutSecondary } },
})
const version = { version: '12.0.6024.0' }
const thumbprint = 'AB12'
const certificate = { subject: 's', names: [], issuer: 'i', thumbprint, expiresAt: now, port: 5061 }
const report = (at: string | null, upToDate: boolean): Facts['replication'] => ({
  replicas: [{ fqdn: 'fe01.contoso.com', upToDate, lastStatusReport: at, lastUpdateCreation: null }],
})

test.each<[string, string, Sighting['seen'] | null, string, Case]>([
  ['install-sql-server', 'sql12.contoso.com', 'yes', 'the instance answers', { recorded: { [sql12]: version } }],
  ['install-sql-server', 'sql12.contoso.com', 'no', 'older', { recorded: { [sql12]: { version: '13.0.1.0' } } }],
  ['install-sql-server', 'sql12.contoso.com', 'no', 'silent', { silent: [['sqlInstance', sql12]] }],
  ['restore-certificates', 'fe01.contoso.com', null, 'nothing is presented', {}],
  [
    ...(['restore-certificates', 'fe01.contoso.com', 'yes', 'the recorded one'] as const),
    { facts: { tls: { 'fe01.contoso.com': certificate } }, recorded: { 'fe01.contoso.com': { thumbprint } } },
  ],
  [
    ...(['assign-certificates', 'fe01.contoso.com', 'yes', 'any'] as const),
    { facts: { tls: { 'fe01.contoso.com': certificate } } },
  ],
  ['rebuild-machine', 'fe01.contoso.com', 'no', 'it answers nobody', { world: (it) => die(it, 'fe01.contoso.com') }],
  // Section 8.5: from inside nothing of it is seen before its services run, and a person says that it is there.
  [
    ...(['rebuild-machine', 'edge01.contoso.com', 'unknown', 'an Edge Server that answers nobody'] as const),
    { world: (it) => die(it, 'edge01.contoso.com') },
  ],
  [
    ...(['rebuild-machine', 'edge01.contoso.com', 'unknown', 'the same, when a person said that it is there'] as const),
    { world: (it) => die(it, 'edge01.contoso.com'), was: 'Jane says so.' },
  ],
  [
    ...(['rebuild-machine', 'edge01.contoso.com', 'no', 'the same, when it was seen since'] as const),
    { world: (it) => die(it, 'edge01.contoso.com'), was: 'It has reported.', wasSeen: true },
  ],
  ['restore-certificates', 'sql12.contoso.com', null, 'no listener', {}],
  ['install-local-store', 'fe01.contoso.com', 'yes', 'services are there', {}],
  ['install-components', 'med01.contoso.com', null, 'no confirmed service names the role', {}],
  [
    ...(['apply-updates', 'fe01.contoso.com', 'yes', 'the recorded level, reported since'] as const),
    {
      facts: {
        replication: { contoso: report(now, true) },
        patchLevels: { contoso: { servers: [{ fqdn: 'fe01.contoso.com', version: '5.1' }] } },
      },
      recorded: { 'fe01.contoso.com': { patchLevel: '5.1' } },
    },
  ],
  [
    ...(['apply-updates', 'fe01.contoso.com', 'no', 'another level'] as const),
    {
      facts: {
        replication: { contoso: report(now, true) },
        patchLevels: { contoso: { servers: [{ fqdn: 'fe01.contoso.com', version: '5.0' }] } },
      },
      recorded: { 'fe01.contoso.com': { patchLevel: '5.1' } },
    },
  ],
  [
    'apply-updates',
    'fe01.contoso.com',
    null,
    'nobody recorded it',
    { facts: { replication: { contoso: report(now, true) } } },
  ],
  [
    ...(['check-replication', 'fe01.contoso.com', 'unknown', 'the last word of before the loss'] as const),
    { facts: { replication: { contoso: report('2026-03-10T10:00:00.000Z', true) } } },
  ],
  [
    ...(['check-replication', 'fe01.contoso.com', 'unknown', 'no time of a report'] as const),
    { facts: { replication: { contoso: report(null, true) } } },
  ],
  ['check-replication', 'fe01.contoso.com', 'no', 'late', { facts: { replication: { contoso: report(now, false) } } }],
  [
    'check-replication',
    'fe01.contoso.com',
    'yes',
    'in time',
    { facts: { replication: { contoso: report(now, true) } } },
  ],
  ['start-server', 'edge01.contoso.com', 'yes', 'an Edge Server by its port', { of: 'edge01.contoso.com' }],
  [
    'start-server',
    'fe01.contoso.com',
    'yes',
    'once started',
    { was: 'It ran.', world: (it) => stop(it, 'fe01.contoso.com') },
  ],

  ['create-databases', sql12, 'yes', 'all are there', {}],
  ['create-databases', sql12, 'no', 'one is missing', { world: (it) => void databases(it, sql12).shift() }],
  ['create-databases', sql12, 'unknown', 'SQL Server starts', { world: all(sql12, { state: 'RECOVERING' }) }],
  ['create-databases', sql12, 'no', 'one is offline', { world: all(sql12, { state: 'OFFLINE', mirroringRole: null }) }],
  [
    ...(['create-databases', sql12, 'yes', 'a restore broke off'] as const),
    { world: all(sql12, { state: 'RESTORING', mirroringRole: null }) },
  ],
  ['create-central-management-store', sql01, 'yes', 'xds and lis', { of: 'sql01.contoso.com' }],
  ['create-availability-group', sql12, 'yes', 'it answers', {}],
  [
    ...(['update-databases', sql12, 'yes', 'every test succeeds'] as const),
    { facts: { databaseTests: { 'sql12.contoso.com': { databases: [tested('rtcxds', true)] } } } },
  ],
  [
    ...(['update-databases', sql12, 'no', 'a test fails'] as const),
    { facts: { databaseTests: { 'sql12.contoso.com': { databases: [tested('rtcxds', false)] } } } },
  ],
  [
    ...(['update-databases', sql12, 'unknown', 'what is not open fails the test'] as const),
    {
      world: all(sql12, { state: 'RESTORING', mirroringRole: null }),
      facts: { databaseTests: { 'sql12.contoso.com': { databases: [tested('rtcxds', false)] } } },
    },
  ],
  ['restore-databases', 'sql05.contoso.com/LcsCDR', 'yes', 'it holds what it held', { of: 'sql05.contoso.com' }],
  [
    ...(['restore-databases', 'sql05.contoso.com/LcsCDR', 'no', 'created after the loss'] as const),
    {
      of: 'sql05.contoso.com',
      world: (it) => databases(it, 'sql05.contoso.com').forEach((one) => (one.createdAt = now)),
    },
  ],
  [
    ...(['restore-databases', 'sql05.contoso.com/LcsCDR', 'unknown', 'the instance is silent'] as const),
    { of: 'sql05.contoso.com', silent: [['sqlInstance', 'sql05.contoso.com']] },
  ],
  ['fail-over-mirror', sql11, 'yes', 'the survivor is principal', {}],
  ['fail-over-mirror', sql11, 'no', 'the survivor is mirror', { world: all(sql11, { mirroringRole: 'MIRROR' }) }],
  ['fail-over-mirror', sql11, 'no', 'a type was forgotten', { world: one(sql11, { mirroringRole: 'MIRROR' }) }],
  ['fail-over-mirror', sql11, 'no', 'a copy is not open', { world: all(sql11, { state: 'SUSPECT' }) }],
  ['fail-over-mirror', sql11, 'unknown', 'nobody is shown whether it is the mirror', { world: hidden(sql11) }],
  ['fail-over-mirror', sql11, 'yes', 'it served once', { was: 'It serves.', world: hidden(sql11) }],
  ['find-principal', sql11, 'yes', 'the survivor serves', {}],
  ['find-principal', sql11, 'yes', 'the survivor is the mirror', { world: all(sql11, { mirroringRole: 'MIRROR' }) }],
  ['find-principal', sql11, 'unknown', 'nobody is shown whether it is the mirror', { world: hidden(sql11) }],
  ['find-principal', sql11, null, 'it is neither open nor the mirror', { world: all(sql11, { state: 'SUSPECT' }) }],
  ['point-pool-at-survivor', sql11, 'no', 'it is mirrored as before', { facts: topologyOf('mirror') }],
  ['point-pool-at-survivor', sql11, 'yes', 'it is published alone', { facts: topologyOf('none') }],
  ['point-pool-at-survivor', sql11, 'no', 'another one is published', { facts: topologyOf('other') }],
  ['point-pool-at-survivor', sql11, 'yes', 'it was once', { was: 'It was.', facts: topologyOf('mirror') }],
  ['swap-partners-in-git', sql11, 'yes', 'Git says what is published', { facts: topologyOf('mirror') }],
  ['swap-partners-in-git', sql11, 'no', 'Git says another thing', { facts: topologyOf('other') }],
  ['create-availability-group', sql12, 'no', 'silent', { silent: [['sqlInstance', sql12]] }],
  ['build-windows-cluster', sql12, 'yes', 'its name answers', {}],
  ['build-windows-cluster', sql12, null, 'nothing answers yet', { silent: [['sqlInstance', sql12]] }],
  ['uninstall-mirror', sql11, 'no', 'in a session', { world: all(sql11, { mirroringState: 'DISCONNECTED' }) }],
  ['uninstall-mirror', sql11, 'yes', 'in step with the partner that was made anew', {}],
  ['uninstall-mirror', sql11, 'unknown', 'nobody is shown whether it is the mirror', { world: hidden(sql11) }],
  ['uninstall-mirror', sql11, 'yes', 'in none', { world: all(sql11, { mirroringRole: null }) }],
  ['uninstall-mirror', sql11, 'yes', 'in the new session', { was: 'No database is in a session.' }],
  ['create-mirror', sql11, 'yes', 'in step', {}],
  ['create-mirror', sql11, 'no', 'not in step', { world: all(sql11, { mirroringRole: null, mirroringState: null }) }],
  ['restore-witness', sql01, 'yes', 'the principal has it', { of: 'sql02.contoso.com' }],
  ['restore-witness', sql11, 'no', 'the principal has none', {}],
  ['join-availability-group', sql11, 'no', 'in no group', {}],

  ['point-directory', sql01, 'yes', 'it points there', { facts: central({}) }],
  ['point-directory', sql01, 'no', 'it points elsewhere', { facts: central({ location: sql11 }) }],
  ['point-directory', sql01, 'no', 'it points nowhere', { facts: central({ location: null }) }],
  ['point-directory-at-mirror', sql01, null, 'whether it names the mirror is not told', { facts: central({}) }],
  ['point-directory-at-mirror', sql01, 'no', 'it points elsewhere', { facts: central({ location: sql11 }) }],
  ['point-directory-at-survivor', sql11, 'yes', 'at the survivor', { facts: central({ location: sql11 }) }],
  ['prove-store-empty', sql01, 'no', 'a master is active', { facts: central({ activeMaster: 'fe01.contoso.com' }) }],
  ['prove-store-empty', sql01, null, 'that none answers proves nothing', { facts: central({}) }],
  [
    ...(['prove-store-empty', sql01, null, 'the master is that of the store that was created since'] as const),
    { world: all(sql01, { createdAt: now }), facts: central({ activeMaster: 'fe01.contoso.com' }) },
  ],
  [
    ...(['prove-store-empty', sql01, 'no', 'the store was made anew, and the master is of another one'] as const),
    { world: all(sql01, { createdAt: now }), facts: central({ activeMaster: 'fe11.contoso.com' }) },
  ],
  ['prove-store-empty', sql01, null, 'once it was said', { was: 'Said.', facts: central({ activeMaster: 'x' }) }],
  [
    ...(['fail-over-central-management', 'pool02.contoso.com', 'yes', 'a master is active there'] as const),
    { facts: central({ location: sql11, activeMaster: 'fe11.contoso.com' }) },
  ],
  [
    'fail-over-central-management',
    'pool02.contoso.com',
    null,
    'the old place',
    { facts: central({ activeMaster: 'x' }) },
  ],
  ['name-store-in-git', 'pool02.contoso.com', 'no', 'Git names that of pool01', {}],
  ['name-store-in-git', 'pool01.contoso.com', 'yes', 'Git names it', {}],
  ['join-availability-group', sql11, 'yes', 'in a group', { world: inGroup }],
  ['fail-over-pool', 'pool02.contoso.com', 'yes', 'failed over', { facts: state('FailedOver') }],
  ['fail-over-pool', 'pool02.contoso.com', 'unknown', 'it serves itself', { facts: state('Active') }],
  ['fail-back-pool', 'pool02.contoso.com', 'yes', 'it serves itself', { facts: state('Active') }],
  ['fail-back-pool', 'pool02.contoso.com', 'no', 'under way', { facts: state('FailingBack') }],
  ['fail-back-pool', 'pool01.contoso.com', null, 'nobody tells', { facts: state('Active') }],
  ['recover-quorum', 'pool01.contoso.com', 'yes', 'primaries', { facts: fabric(0, 3) }],
  ['recover-quorum', 'pool01.contoso.com', 'no', 'no primary', { facts: fabric(1, 3) }],
  ['reset-pool', 'pool01.contoso.com', 'no', 'no secondary', { facts: fabric(0, 3) }],
  ['reset-pool', 'pool01.contoso.com', 'yes', 'both', { facts: fabric(0, 0) }],
  ['stop-services', 'se01.contoso.com', 'no', 'they run', {}],
  ['stop-services', 'se01.contoso.com', 'yes', 'none runs', { world: (it) => stop(it, 'se01.contoso.com') }],
  ['start-services', 'se01.contoso.com', 'yes', 'all run', {}],
  ['start-services', 'se01.contoso.com', 'no', 'none runs', { world: (it) => stop(it, 'se01.contoso.com') }],
])('%s of %s: %s, %s', (id, subject, expected, _why, given) => {
  expect(sighting(id, subject, given)?.seen ?? null).toBe(expected)
})

test('a topology that was imported has every pool, or it is told which it lacks', () => {
  const published = (topology: ReturnType<typeof publishedAs>) => ({
    facts: { publishedTopology: { contoso: { signature: '1', topology } } },
  })
  const whole = publishedAs(desired)
  expect(sighting('import-configuration', 'contoso', published(whole))?.seen).toBe('yes')
  const part = { ...whole, pools: whole.pools.filter(({ fqdn }) => fqdn !== 'se01.contoso.com') }
  expect(sighting('import-configuration', 'contoso', published(part))).toMatchObject({
    ...{ seen: 'no', fact: 'The published topology has no se01.contoso.com.' },
  })
})

test('a fork that is seen says its way', () => {
  expect(sighting('fail-over-pool', 'pool02.contoso.com', { facts: state('FailedOver') })?.branch).toBe('failed-over')
})

test('the way out of a halved mirror is told by the role of the survivor, then by its place in Git', () => {
  const way = (instance: string, of: string, world?: Case['world']) =>
    sighting('find-principal', instance, { of, ...(world && { world }) })?.branch
  expect(way(sql11, 'sql12.contoso.com')).toBe('mirror-lost')
  expect(way(sql11, 'sql12.contoso.com', all(sql11, { mirroringRole: 'MIRROR' }))).toBe('principal-lost')
  // The row is named by what Git publishes; the survivor is its partner.
  expect(way(sql11, 'sql11.contoso.com', all(sql12, { state: 'ONLINE', mirroringRole: 'PRINCIPAL' }))).toBe(
    'principal-lost',
  )
  const seenBefore = { was: 'It was the mirror.', branch: 'principal-lost', wasSeen: true }
  expect(sighting('find-principal', sql11, seenBefore)?.branch).toBe('principal-lost')
})

test('a fork that was seen keeps its way when that is over: what the other way would do stays ended', () => {
  const failedOver = { was: 'pool02 is FailedOver.', branch: 'failed-over' }
  expect(sighting('fail-over-pool', 'pool02.contoso.com', { ...failedOver, facts: state('Active') })).toMatchObject({
    ...{ seen: 'yes', branch: 'failed-over' },
  })
})

test('copies of a set that is named are those that it holds, and of one that is not there, none', () => {
  const items = [{ kind: 'configuration', subject: 'contoso' }] as const
  const old = summary('2026-03-01T02:00:00.000Z', { ok: items })
  const observed = { facts: {} as never, sets: [summary('2026-03-09T02:00:00.000Z', { ok: items }), old] }
  const from = (set: string) => chosenCopies(set, { usable: new Map(), incomplete: new Map(), observed, now })
  expect([...from(old.id).copies.values()]).toEqual([old])
  expect(from('nightly/20260101T020000Z-aaaa').copies.size).toBe(0)
})

function stop(world: Servers, host: string): void {
  const { services } = world.hosts.get(host)!
  for (const name of services.keys()) services.set(name, 'Stopped')
}

function tested(name: string, succeed: boolean): Facts['databaseTests']['databases'][number] {
  return { instance: 'rtc', name, succeed, expectedVersion: null, installedVersion: null }
}
