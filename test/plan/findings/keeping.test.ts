import { describe, expect, it } from 'vitest'
import { problemCodes } from '../../../src/base/problem-codes.ts'
import type { Facts } from '../../../src/domain/facts.ts'
import type { Finding } from '../../../src/domain/statement.ts'
import { findings as judged, rules } from '../../../src/plan/findings/findings.ts'
import { fileStore, location, pool } from '../../support/desired.ts'
import { publishedAs } from '../../support/observed.ts'
import {
  certificate,
  database,
  digestWith,
  driftOf,
  healthy,
  instance,
  modules,
  replica,
  set,
  states,
  twoStores,
  type Change,
} from './world.ts'

it('each code of a finding belongs to one rule, and is one that has a page', () => {
  const codes = rules.flatMap((rule) => rule.codes)
  expect([...new Set(codes)]).toEqual(codes)
  expect(codes.filter((code) => !(code in problemCodes))).toEqual([])
})

const findings = (digest: Parameters<typeof judged>[0]) => judged(digest).told
const [first, second, edge] = healthy.pools as [
  (typeof healthy.pools)[0],
  (typeof healthy.pools)[0],
  (typeof healthy.pools)[0],
]
const publishedWith = (desired: Partial<typeof healthy>): NonNullable<Change['sights']> => ({
  publishedTopology: { contoso: { signature: 'S-2', topology: publishedAs({ ...healthy, ...desired }) } },
})
const topology = ['publishedTopology', 'contoso'] as const
const fe01 = 'fe01.contoso.com'
const steady = modules({ 'UserServices.PresenceFocus': 'NonSteadyState' })

/** What makes it, its code and subject, and the fact that it rests on. */
const cases: [string, string, Change, readonly [keyof Facts, string]][] = [
  [
    'unmanaged',
    'pool03.contoso.com',
    { sights: publishedWith({ pools: [...healthy.pools, pool('pool03.contoso.com', 'front-end')] }) },
    topology,
  ],
  ['not-published', 'edge.contoso.com', { sights: publishedWith({ pools: [first, second] }) }, topology],
  [
    'published-differs',
    'edge.contoso.com',
    { sights: publishedWith({ pools: [first, second, { ...edge, site: 'Berlin' }] }) },
    topology,
  ],
  ['location-rule', 'main', { desired: { locations: [location('main', { host: 'fs01.contoso.com' })] } }, topology],
  [
    'certificate-expires',
    fe01,
    { sights: { tls: { [fe01]: certificate('2026-03-20T00:00:00.000Z') } } },
    ['tls', fe01],
  ],
  [
    'certificate-expires',
    fe01,
    { sights: { webCertificates: { [fe01]: { internal: certificate('2026-03-20T00:00:00.000Z'), external: null } } } },
    ['webCertificates', fe01],
  ],
  [
    'certificate-expires',
    'contoso',
    { sights: { oauthCertificate: { contoso: { certificate: certificate('2026-03-20T00:00:00.000Z') } } } },
    ['oauthCertificate', 'contoso'],
  ],
  [
    'environment-changed',
    'contoso',
    {
      sights: {
        oauthCertificate: {
          contoso: { certificate: { ...certificate('2026-12-31T00:00:00.000Z'), thumbprint: 'CD34' } },
        },
      },
    },
    ['oauthCertificate', 'contoso'],
  ],
  ['name-lost', fe01, { sights: { dns: { [fe01]: { answers: [] } } } }, ['dns', fe01]],
  ['environment-changed', fe01, { sights: { dns: { [fe01]: { answers: ['10.0.0.9'] } } } }, ['dns', fe01]],
  [
    'environment-changed',
    'dhcp01.contoso.com',
    {
      sights: {
        dhcp: { contoso: { servers: [{ name: 'dhcp01.contoso.com', options: [{ id: 43, value: '00-02' }] }] } },
      },
    },
    ['dhcp', 'contoso'],
  ],
  [
    'environment-changed',
    'contoso',
    {
      sights: {
        simpleUrls: {
          contoso: { urls: [{ scope: 'Global', component: 'Meet', domain: '*', url: 'https://join.contoso.com' }] },
        },
      },
    },
    ['simpleUrls', 'contoso'],
  ],
  [
    'database-recreated',
    'sql05.contoso.com/LcsCDR',
    { sights: { sqlInstance: { 'sql05.contoso.com': instance([database('LcsCDR', { guid: 'another' })]) } } },
    ['sqlInstance', 'sql05.contoso.com'],
  ],
  [
    'recovery-model',
    'sql05.contoso.com/LcsCDR',
    { sights: { sqlInstance: { 'sql05.contoso.com': instance([database('LcsCDR', { recoveryModel: 'FULL' })]) } } },
    ['sqlInstance', 'sql05.contoso.com'],
  ],
  [
    'sql-old-tls',
    'sql05.contoso.com',
    { sights: { sqlInstance: { 'sql05.contoso.com': { ...instance([database('LcsCDR')]), oldTlsAllowed: true } } } },
    ['sqlInstance', 'sql05.contoso.com'],
  ],
  [
    'pairing-not-steady',
    'pool01.contoso.com',
    { sights: { pairing: { 'pool01.contoso.com': { partner: 'pool02.contoso.com', modules: steady } } } },
    ['pairing', 'pool01.contoso.com'],
  ],
  [
    'pairing-not-mutual',
    'pool01.contoso.com',
    { sights: { pairing: { 'pool02.contoso.com': { partner: null, modules: [] } } } },
    ['pairing', 'pool02.contoso.com'],
  ],
  [
    'pool-failed-over',
    'pool01.contoso.com',
    { sights: { poolStates: { contoso: states({ 'pool01.contoso.com': 'FailedOver' }) } } },
    ['poolStates', 'contoso'],
  ],
  [
    'replication-late',
    fe01,
    { sights: { replication: { contoso: { replicas: [replica(fe01, false), replica('fe02.contoso.com', true)] } } } },
    ['replication', 'contoso'],
  ],
  [
    'patch-levels-differ',
    'pool01.contoso.com',
    {
      sights: {
        patchLevels: {
          contoso: {
            servers: [
              { fqdn: fe01, version: '1' },
              { fqdn: 'fe02.contoso.com', version: '2' },
            ],
          },
        },
        environmentRecord: { [set]: { record: {} } },
      },
    },
    ['patchLevels', 'contoso'],
  ],
  [
    'central-management-elsewhere',
    'contoso',
    {
      sights: {
        centralManagement: {
          contoso: { location: 'sql11.contoso.com\\rtc', activeMaster: fe01, fileTransferAgents: [] },
        },
      },
    },
    ['centralManagement', 'contoso'],
  ],
  ['central-management-twice', 'contoso', twoStores(), ['pairing', 'pool02.contoso.com']],
]

describe.each(cases)('%s of %s', (code, subject, wrong, rests) => {
  const isIt = (one: Pick<Finding, 'code' | 'subject'>): boolean => one.code === code && one.subject === subject
  const open = findings(digestWith(wrong))
    .filter(isIt)
    .map((one): Finding => ({ ...one, since: 't1' }))
  // What Git alone makes wrong stays in Git.
  const well: Change = { ...(wrong.desired ? { desired: wrong.desired } : {}), open }
  const after = (change: Change): number => findings(digestWith({ ...well, ...change })).filter(isIt).length

  it('is open while it lasts', () => {
    expect(open).toHaveLength(1)
  })

  it('stays while nothing comes, or what came is old', () => {
    expect(after({ silent: rests })).toBe(1)
    if (!wrong.desired) expect(after({ old: rests })).toBe(1)
  })

  it('is over when its cause is seen gone, when nobody watches it any more, and on what is flagged as lost', () => {
    expect(after({ desired: {} })).toBe(0)
    expect(after({ sights: { [rests[0]]: null } })).toBe(0)
    if (subject === fe01) expect(after({ silent: rests, classes: { [fe01]: 'absent' } })).toBe(0)
  })
})

it('a commit alone settles whether Git names what is published', () => {
  const pools = [...healthy.pools, pool('pool03.contoso.com', 'front-end')]
  const unmanaged = driftOf({ sights: publishedWith({ pools }) }).filter(({ code }) => code === 'unmanaged')
  const open = unmanaged.map((one): Finding => ({ ...one, since: 't1' }))
  const told = (desired: Change['desired']): string[] =>
    findings(digestWith({ desired: desired ?? {}, silent: topology, open }))
      .filter(({ code }) => code === 'unmanaged')
      .map(({ subject }) => subject)
  expect(told({})).toEqual(['pool03.contoso.com'])
  expect(told({ pools })).toEqual([])
})

it('the newest record cannot be read: what differed from it stays', () => {
  const open = driftOf({ sights: { dns: { [fe01]: { answers: ['10.0.0.9'] } } } }).map((one): Finding => ({
    ...one,
    since: 't1',
  }))
  expect(open).toMatchObject([{ code: 'environment-changed' }])
  const told = findings(digestWith({ open, silent: ['environmentRecord', set] })).map(({ code }) => code)
  expect(told).toContain('environment-changed')
})

it('one fact of a subject is seen well, another that was wrong is not seen: it stays', () => {
  const open = driftOf({ sights: { dns: { [fe01]: { answers: ['10.0.0.9'] } } } }).map((one): Finding => ({
    ...one,
    since: 't1',
  }))
  const told = (silent: [keyof Facts, string]): string[] =>
    findings(digestWith({ open, silent })).flatMap(({ code }) => (code === 'environment-changed' ? [code] : []))
  expect(told(['dns', fe01])).toEqual(['environment-changed'])
  expect(told(['tls', fe01])).toEqual([])
})

it('a side of the web services that says nothing more keeps what was told of it', () => {
  const ending = certificate('2026-03-20T00:00:00.000Z')
  const good = { ...certificate('2026-12-31T00:00:00.000Z'), thumbprint: 'CD34' }
  const seen = (value: Facts['webCertificates']): Change => ({ sights: { webCertificates: { [fe01]: value } } })
  const open = driftOf(seen({ internal: good, external: ending })).map((one): Finding => ({ ...one, since: 't1' }))
  const told = (value: Facts['webCertificates']): number =>
    findings(digestWith({ ...seen(value), open })).filter(({ code }) => code === 'certificate-expires').length
  expect(told({ internal: good, external: null })).toBe(1)
  expect(told({ internal: null, external: good })).toBe(0)
})

it('a member that told no level may be the one that differs', () => {
  const levels = (...servers: { fqdn: string; version: string }[]): Change => ({
    sights: { patchLevels: { contoso: { servers } } },
  })
  const both = levels({ fqdn: fe01, version: '1' }, { fqdn: 'fe02.contoso.com', version: '2' })
  const open = findings(digestWith(both)).flatMap((one) =>
    one.code === 'patch-levels-differ' ? [{ ...one, since: 't1' }] : [],
  )
  const told = (change: Change): boolean =>
    findings(digestWith({ ...change, open })).some(({ code }) => code === 'patch-levels-differ')
  expect(told(levels({ fqdn: fe01, version: '1' }))).toBe(true)
  expect(told(levels({ fqdn: fe01, version: '1' }, { fqdn: 'fe02.contoso.com', version: '1' }))).toBe(false)
})

it('file stores of the topology are told the same way', () => {
  const fileStores = [...healthy.fileStores, fileStore('\\\\fs02.contoso.com\\Lync')]
  expect(driftOf({ sights: publishedWith({ fileStores }) })).toMatchObject([
    { code: 'unmanaged', desired: 'in Git, or not published', observed: 'published file store' },
  ])
})
