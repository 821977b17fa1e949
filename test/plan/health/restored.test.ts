/** Fault E4: what was lost and restored is healthy again, however young its databases are; what is empty is not. */
import { expect, test } from 'vitest'
import { eachFact, type DatabaseFacts, type Facts } from '../../../src/domain/facts.ts'
import type { Observation, Observed } from '../../../src/domain/observation.ts'
import type { Flag } from '../../../src/domain/statement.ts'
import { digestOf } from '../../../src/plan/digest-of.ts'
import { desiredState, pool, sqlStore } from '../../support/desired.ts'
import { memory, seen, summary, world } from '../../support/observed.ts'

const [before, lost, after, now] = [
  ...(['2026-03-10T02:00:00.000Z', '2026-03-10T10:00:00.000Z'] as const),
  ...(['2026-03-10T11:00:00.000Z', '2026-03-10T12:00:00.000Z'] as const),
]
const [here, there] = ['sql01.contoso.com\\rtc', 'sql02.contoso.com\\rtc']
const mirror = sqlStore('sql01.contoso.com', 'rtc', {
  highAvailability: { kind: 'mirror', partner: { host: 'sql02.contoso.com', instance: 'rtc' }, witness: null },
})
const desired = {
  ...desiredState(),
  pools: [pool('pool01.contoso.com', 'front-end', { stores: { user: mirror, archiving: mirror } })],
  sqlStores: [mirror],
}

const [old, other] = ['AAAAAAAA-0000-4000-8000-000000000001', 'BBBBBBBB-0000-4000-8000-000000000002']

function database(name: string, more: Partial<DatabaseFacts>): DatabaseFacts {
  return {
    ...{ name, guid: null, family: old, state: 'ONLINE', recoveryModel: 'SIMPLE', createdAt: after },
    ...{ mirroringRole: null, replicaRole: null, mirroringState: null, mirroringPartner: null },
    ...more,
  }
}

function instance(machine: string, databases: DatabaseFacts[]): Facts['sqlInstance'] {
  const product = { version: '12.0.6024.0', edition: 'Standard Edition (64-bit)' }
  return { ...product, machine, administrator: true, viewAnyDatabase: true, databases }
}

const flag = (subject: string): Flag => ({
  ...{ subject, scenario: 'back-end', reason: 'It was lost.', since: lost, evidence: [], seen: ['absent', 'clean'] },
})

/**
 * The classes of a database on both instances, both flagged. `recorded`: its family as the newest set says; null: not.
 * `finishedAt`: what a Recovery of the first host says.
 */
function classes(
  name: string,
  [first, second]: readonly [Partial<DatabaseFacts>, Partial<DatabaseFacts>],
  recorded: string | null = old,
  finishedAt: string | null = null,
): (string | undefined)[] {
  const facts = eachFact(() => new Map<string, Observation<never>>())
  facts.sqlInstance.set(here, seen(here, instance('SQL01', [database(name, first)]) as never, now))
  facts.sqlInstance.set(there, seen(there, instance('SQL02', [database(name, second)]) as never, now))
  const good = summary(before, { ok: [{ kind: 'sql-database', subject: `${here}/LcsLog` }] })
  // Made of the emptied servers while they were flagged: its database is not ok.
  const late = summary(after, { ok: [{ kind: 'environment', subject: 'contoso' }] })
  const record = (family: string): object => ({ record: { [`${here}/${name}`]: { family } } })
  if (recorded !== null) facts.environmentRecord.set(good.id, seen(good.id, record(recorded) as never, now))
  facts.environmentRecord.set(late.id, seen(late.id, record(other) as never, now))
  const observed: Observed = { ...world([late, good]), facts: { ...facts, location: world().facts.location } }
  const flags = [flag('sql01.contoso.com'), flag('sql02.contoso.com')]
  const recovery = {
    name: 'r',
    file: 'r.yaml',
    server: 'SQL01.contoso.com',
    scenario: 'back-end' as const,
    from: 'latest',
    run: 'guide' as const,
    accept: [],
    acknowledge: [],
    choose: [],
  }
  const finished = finishedAt === null ? null : { by: 'Jane', at: finishedAt, note: null }
  const verdicts = digestOf(
    { ...desired, recoveries: [{ ...recovery, finished }] },
    observed,
    memory({ standing: { conditions: [], findings: [], runbooks: [], flags } }),
    now,
  )
  return [here, there].map(
    (place) => verdicts.classes.databases.get(`${place.toLowerCase()}/${name.toLowerCase()}`)?.class,
  )
}

const principal: Partial<DatabaseFacts> = { mirroringRole: 'PRINCIPAL', mirroringState: 'SYNCHRONIZED' }
const copy: Partial<DatabaseFacts> = {
  ...{ mirroringRole: 'MIRROR', mirroringState: 'SYNCHRONIZED', state: 'RESTORING', family: null },
}

test.each<[string, string, Parameters<typeof classes>[1], string | null, string[]]>([
  ['restored, and mirrored again', 'LcsLog', [principal, copy], old, ['healthy', 'healthy']],
  ['restored, its age unknown', 'LcsLog', [{ createdAt: null }, {}], old, ['healthy', 'healthy']],
  ['restored on one only', 'LcsLog', [{}, { family: other }], old, ['healthy', 'half-built']],
  ['empty, with a mirror', 'LcsLog', [{ ...principal, family: other }, copy], old, ['half-built', 'half-built']],
  [
    'empty, and a newer set has seen it so',
    'LcsLog',
    [{ family: other }, { family: other }],
    old,
    ['half-built', 'half-built'],
  ],
  [
    'a copy that is cut off',
    'LcsLog',
    [principal, { ...copy, mirroringState: 'DISCONNECTED' }],
    old,
    ['healthy', 'half-built'],
  ],
  [
    'in the middle of a restore',
    'LcsLog',
    [{ state: 'RESTORING' }, { state: 'SUSPECT' }],
    old,
    ['degraded', 'degraded'],
  ],
  ['of a family that nobody recorded', 'LcsLog', [{}, {}], null, ['half-built', 'half-built']],
  ['of a family that the set did not see', 'LcsLog', [{}, {}], 'unknown', ['half-built', 'half-built']],
  ['not shown with its family', 'LcsLog', [{ family: null }, {}], old, ['half-built', 'healthy']],
  // No copy of it is a source of a restore: what it holds comes by an import, which no query proves.
  ['of user data', 'rtcxds', [{}, {}], old, ['half-built', 'half-built']],
])('after a loss, a database that is %s', (_, name, copies, recorded, expected) => {
  expect(classes(name, copies, recorded)).toEqual(expected)
})

test.each<[string, string, Partial<DatabaseFacts>, string]>([
  ['after it was created', '2026-03-10T11:30:00.000Z', {}, 'healthy'],
  ['after it was created, its age unknown', '2026-03-10T11:30:00.000Z', { createdAt: null }, 'healthy'],
  ['before it was created: it was made anew once more', '2026-03-10T10:30:00.000Z', {}, 'half-built'],
  [
    'before the loss: of another one',
    '2026-03-10T09:00:00.000Z',
    { createdAt: '2026-03-10T10:00:00.000Z' },
    'half-built',
  ],
  ['in the future', '2026-03-10T13:00:00.000Z', {}, 'half-built'],
  ['and it does not open', '2026-03-10T11:30:00.000Z', { state: 'SUSPECT' }, 'degraded'],
])('user data whose restore somebody finished %s', (_, at, facts, expected) => {
  expect(classes('rtcxds', [facts, {}], old, at)).toEqual([expected, 'half-built'])
})
