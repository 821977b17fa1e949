/** Fault C1: a login that is not sysadmin sees nothing of a mirror's session; its principal tells what there is. */
import { expect, test } from 'vitest'
import { eachFact, type DatabaseFacts, type Facts } from '../../../src/domain/facts.ts'
import type { Observation, Observed } from '../../../src/domain/observation.ts'
import { digestOf } from '../../../src/plan/digest-of.ts'
import { databasesNotOnline } from '../../../src/plan/findings/databases.ts'
import { mirrorsOutOfStep } from '../../../src/plan/findings/mirrors.ts'
import { desiredState, pool, sqlStore } from '../../support/desired.ts'
import { memory, notSeen, seen, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const [here, there] = ['sql01.contoso.com\\rtc', 'sql02.contoso.com\\rtc']
const store = sqlStore('sql01.contoso.com', 'rtc', {
  highAvailability: { kind: 'mirror', partner: { host: 'sql02.contoso.com', instance: 'rtc' }, witness: null },
})
const desired = {
  ...desiredState(),
  pools: [
    pool('pool01.contoso.com', 'front-end', {
      servers: ['fe01.contoso.com'],
      stores: { user: store, archiving: store },
    }),
  ],
  sqlStores: [store],
}

function database(more: Partial<DatabaseFacts>): DatabaseFacts {
  return {
    ...{ name: 'LcsLog', guid: null, state: 'ONLINE', recoveryModel: 'FULL', createdAt: '2025-01-01T00:00:00.000Z' },
    ...{ mirroringRole: null, replicaRole: null, mirroringState: null, mirroringPartner: null },
    ...more,
  }
}

function instance(machine: string, databases: DatabaseFacts[]): Facts['sqlInstance'] {
  const product = { version: '12.0.6024.0', edition: 'Standard Edition (64-bit)' }
  return { ...product, machine, administrator: false, viewAnyDatabase: true, databases }
}

const principal = (more: Partial<DatabaseFacts> = {}): DatabaseFacts =>
  database({ mirroringRole: 'PRINCIPAL', mirroringState: 'SYNCHRONIZED', mirroringPartner: 'SQL02\\RTC', ...more })
const hidden = database({ state: 'RESTORING' })

/** What is told of the copy on the second instance: class, and the findings of both. */
function told(first: DatabaseFacts | null, second: DatabaseFacts = hidden): [string | undefined, string[]] {
  const facts = eachFact(() => new Map<string, Observation<never>>())
  const sight = (subject: string, value: Facts['sqlInstance'] | null): void =>
    void facts.sqlInstance.set(
      subject,
      value === null ? { ...notSeen(subject, 'no answer'), at: now } : { ...seen(subject, value as never, now) },
    )
  sight(here, first && instance('SQL01', [first]))
  sight(there, instance('SQL02', [second]))
  const observed: Observed = { ...world(), facts: { ...facts, location: world().facts.location } }
  const one = digestOf(desired, observed, memory(), now)
  const found = [...databasesNotOnline.find(one), ...mirrorsOutOfStep.find(one)]
    .filter(({ subject, observed: what }) => subject.endsWith('/LcsLog') || what.includes('LcsLog'))
    .map(({ code, severity, subject }) => `${severity} ${code} ${subject}`)
  return [one.classes.databases.get(`${there.toLowerCase()}/lcslog`)?.class, found]
}

const outOfStep = `warning mirror-not-synchronized ${here}`

test.each<[string, DatabaseFacts | null, string, string[]]>([
  ['is named by its principal, in step', principal(), 'healthy', []],
  ['is named, and catches up', principal({ mirroringState: 'SYNCHRONIZING' }), 'healthy', []],
  ['is named by its full name', principal({ mirroringPartner: 'sql02.contoso.com\\rtc' }), 'healthy', []],
  ['is named, and its session is suspended', principal({ mirroringState: 'SUSPENDED' }), 'healthy', [outOfStep]],
  ['is cut off from its principal', principal({ mirroringState: 'DISCONNECTED' }), 'unknown', [outOfStep]],
  ['is not the one that is named', principal({ mirroringPartner: 'SQL09\\RTC' }), 'unknown', [outOfStep]],
  ['is of another instance there', principal({ mirroringPartner: 'SQL02\\OTHER' }), 'unknown', [outOfStep]],
  ['has a partner that is not mirrored', database({}), 'unknown', [outOfStep]],
  ['has a partner that does not answer', null, 'unknown', []],
])('a copy in RESTORING %s', (_, first, kind, findings) => {
  expect(told(first)).toEqual([kind, findings])
})

test('two copies in RESTORING are errors: nobody is served', () => {
  expect(told(hidden)).toEqual([
    'degraded',
    [`error database-not-online ${here}/LcsLog`, `error database-not-online ${there}/LcsLog`],
  ])
})

test('a copy that is suspect is an error, whatever the principal says', () => {
  expect(told(principal(), database({ state: 'SUSPECT' }))).toEqual([
    'degraded',
    [`error database-not-online ${there}/LcsLog`],
  ])
})

test('a mirror whose row is hidden is no witness against its principal', () => {
  const facts = eachFact(() => new Map<string, Observation<never>>())
  facts.sqlInstance.set(here, { ...notSeen(here, 'no answer'), at: now, since: '2026-03-10T11:00:00.000Z' })
  facts.sqlInstance.set(there, seen(there, instance('SQL02', [hidden]) as never, now))
  const observed: Observed = { ...world(), facts: { ...facts, location: world().facts.location } }
  const { classes } = digestOf(desired, observed, memory(), now)
  const grounds = classes.hosts.get('sql01.contoso.com')?.because() ?? []
  expect(grounds.map(({ fact }) => fact)).not.toContain(`sqlInstance ${there}`)
})
