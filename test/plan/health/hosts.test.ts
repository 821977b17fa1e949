import { expect, it } from 'vitest'
import { eachFact, type Facts } from '../../../src/domain/facts.ts'
import type { Observation, Observed, Unseen } from '../../../src/domain/observation.ts'
import { classify } from '../../../src/plan/health/classes.ts'
import { plan } from '../../../src/plan/plan.ts'
import { desiredState, pool, sqlStore } from '../../support/desired.ts'
import { memory, unseen } from '../../support/observed.ts'

// One Front End beside another that answers, and a group of SQL Servers; what is seen is written by hand.
const now = '2026-03-10T12:00:00.000Z'
const early = '2026-03-10T09:00:00.000Z'
const group = sqlStore('ag.contoso.com', 'rtc', {
  highAvailability: {
    kind: 'availability-group',
    listener: 'ag.contoso.com',
    replicas: ['sqla.contoso.com', 'sqlb.contoso.com'],
  },
})
const cluster = sqlStore('cl.contoso.com', 'mon', {
  highAvailability: { kind: 'failover-cluster', nodes: ['node1.contoso.com', 'node2.contoso.com'] },
})
const servers = ['fe1.contoso.com', 'fe2.contoso.com']
const desired = desiredState({
  locations: [],
  policies: [],
  pools: [pool('pool1.contoso.com', 'front-end', { servers, stores: { user: group, monitoring: cluster } })],
  sqlStores: [group, cluster],
})

type Told = { [F in keyof Facts]?: Record<string, Facts[F] | null> }

function see(told: Told, at = now, since = early): Observed {
  const maps = eachFact(() => new Map<string, Observation<unknown>>())
  for (const [fact, subjects] of Object.entries(told))
    for (const [subject, value] of Object.entries(subjects as Record<string, unknown>)) {
      const common = { subject, at, since, source: 'test' }
      const seen = value === null ? unseen('sql-unreachable') : { known: true as const, value }
      maps[fact as keyof Facts].set(subject, { ...common, ...seen })
    }
  return { facts: maps as unknown as Observed['facts'], sets: [] }
}

const up = { open: [445, 5061], closed: [] }
const smbOnly = { open: [445], closed: [5061] }
const silent = { open: [], closed: [445, 5061] }
const list = (...names: string[]) => ({ services: names.map((name) => ({ name, status: 'Running' })) })
const front = list('RTCSRV', 'FabricHostSvc', 'REPLICA')

const rows: [
  name: string,
  ports: Facts['ports'] | null,
  services: Facts['services'] | null | undefined,
  expected: string,
][] = [
  ['all runs', up, front, 'healthy'],
  ['ports answer and the services cannot be asked for', up, null, 'healthy'],
  ['names of services are written otherwise', up, list('rtcsrv', 'FABRICHOSTSVC'), 'healthy'],
  ['the port of the role is closed', smbOnly, front, 'degraded'],
  ['a confirmed service is not listed', up, list('RTCSRV', 'REPLICA'), 'degraded'],
  ['no Lync services', smbOnly, list(), 'clean'],
  ['no Lync services, and yet the port of the role answers', up, list(), 'unknown'],
  ['the replica alone', smbOnly, list('REPLICA'), 'half-built'],
  ['nothing answers, but the services are read', silent, front, 'unreachable'],
  ['nothing answers', silent, null, 'absent'],
  ['nothing answers, and the services were not asked for', silent, undefined, 'absent'],
  ['nobody looked', null, front, 'unknown'],
]

it.each(rows)('a Front End: %s', (_name, ports, services, expected) => {
  const seen = see({
    ports: { 'FE1.contoso.com': ports ?? null, 'fe2.contoso.com': up },
    services: services === undefined ? {} : { 'fe1.contoso.com': services },
  })
  if (ports === null) (seen.facts.ports as Map<string, unknown>).delete('FE1.contoso.com')
  expect(classify(desired, seen, memory(), now).hosts.get('fe1.contoso.com')?.class).toBe(expected)
})

it('what was seen long ago, or lies in the future, is not known', () => {
  const told: Told = { ports: { 'fe1.contoso.com': silent, 'fe2.contoso.com': up } }
  for (const at of ['2026-03-10T11:00:00.000Z', '2026-03-10T12:30:00.000Z'])
    expect(classify(desired, see(told, at), memory(), now).hosts.get('fe1.contoso.com')?.class).toBe('unknown')
})

it('a verdict names its grounds with source and age', () => {
  const seen = see({ ports: { 'fe1.contoso.com': silent, 'fe2.contoso.com': up } }, '2026-03-10T11:59:30.000Z')
  const verdict = classify(desired, seen, memory(), now).hosts.get('fe1.contoso.com')
  expect(verdict?.since).toBe(early)
  expect(verdict?.because()).toEqual([
    {
      fact: 'ports fe1.contoso.com',
      value: 'open: none; closed: 445, 5061',
      source: 'test',
      observedAt: '2026-03-10T11:59:30.000Z',
      ageSeconds: 30,
    },
  ])
})

const instance = (...names: string[]): Facts['sqlInstance'] => ({
  ...{ version: '13.0', edition: 'Enterprise Edition', machine: 'm', administrator: true },
  databases: names.map((name) => ({
    ...{ name, guid: null, state: 'ONLINE', recoveryModel: 'FULL', createdAt: '2025-01-01T00:00:00.000Z' },
    ...{ mirroringRole: null, replicaRole: 'PRIMARY' },
  })),
})
const open = { open: [445], closed: [] }
const shut = { open: [], closed: [445] }

it('a lost node of a cluster that answers, and a lost replica of a group, are told and not flagged', () => {
  const seen = see({
    ports: {
      ...{ 'fe1.contoso.com': up, 'fe2.contoso.com': up, 'node1.contoso.com': shut, 'node2.contoso.com': open },
      ...{ 'sqla.contoso.com': shut, 'sqlb.contoso.com': open },
    },
    sqlInstance: {
      [String.raw`ag.contoso.com\rtc`]: instance('rtcxds', 'rtcshared', 'rtcab'),
      [String.raw`sqla.contoso.com\rtc`]: null,
      [String.raw`sqlb.contoso.com\rtc`]: instance('rtcxds', 'rtcshared', 'rtcab'),
      [String.raw`cl.contoso.com\mon`]: instance('LcsCDR', 'QoEMetrics'),
    },
  })
  const { flags, findings } = plan(desired, seen, memory(), now)
  expect(flags).toEqual([])
  expect(findings.filter(({ code }) => code === 'host-unreachable').map(({ subject }) => subject)).toEqual([
    'node1.contoso.com',
    'sqla.contoso.com',
  ])
})

it.each<[Unseen, string]>([
  [unseen('sql-timeout', 'Anmeldung abgelehnt [sql-login-failed]'), 'absent'],
  [{ ...unseen('sql-login-failed', 'Anmeldung abgelehnt'), answered: true }, 'degraded'],
  [unseen('sql-driver-missing'), 'unknown'],
])('a SQL Server whose ports are silent, when it was asked: %o', (told, expected) => {
  const seen = see({
    ports: { 'fe1.contoso.com': up, 'fe2.contoso.com': up, 'sqla.contoso.com': shut, 'sqlb.contoso.com': open },
  })
  const subject = String.raw`sqla.contoso.com\rtc`
  const sqlInstance = new Map([[subject, { subject, at: now, since: early, source: 'test', ...told }]])
  const observed = { ...seen, facts: { ...seen.facts, sqlInstance } }
  expect(classify(desired, observed, memory(), now).hosts.get('sqla.contoso.com')?.class).toBe(expected)
})

it('all nodes of a cluster lost are its Back End or store lost', () => {
  const seen = see({
    ports: {
      ...{ 'fe1.contoso.com': up, 'fe2.contoso.com': up, 'node1.contoso.com': shut, 'node2.contoso.com': shut },
      ...{ 'sqla.contoso.com': open, 'sqlb.contoso.com': open },
    },
    sqlInstance: { [String.raw`cl.contoso.com\mon`]: null },
  })
  expect(plan(desired, seen, memory(), now).flags.map(({ subject, scenario }) => [subject, scenario])).toEqual([
    ['node1.contoso.com', 'archiving-monitoring'],
    ['node2.contoso.com', 'archiving-monitoring'],
  ])
})
