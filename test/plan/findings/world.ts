/** A small healthy deployment, in which a test changes one thing; the sights are written by hand. */
import { eachFact, type DatabaseFacts, type Facts } from '../../../src/domain/facts.ts'
import type { Desired } from '../../../src/domain/model.ts'
import type { SetSummary } from '../../../src/domain/backup-set.ts'
import type { Unseen, Observation, Observed } from '../../../src/domain/observation.ts'
import type { Finding, Classified } from '../../../src/domain/statement.ts'
import type { Class, Item } from '../../../src/domain/words.ts'
import type { Digest } from '../../../src/plan/digest.ts'
import { digestOf } from '../../../src/plan/digest-of.ts'
import { rules } from '../../../src/plan/findings/findings.ts'
import type { Fresh } from '../../../src/plan/standing.ts'
import { desiredState, fileStore, keptElsewhere, policy, pool, sqlStore } from '../../support/desired.ts'
import { memory, notSeen, publishedAs, seen, summary, world } from '../../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
export const set = 'nightly/2026-03-10T02:00:00.000Z'

const backEnd = sqlStore('sql01.contoso.com', 'rtc', {
  highAvailability: { kind: 'mirror', partner: { host: 'sql02.contoso.com', instance: 'rtc' }, witness: null },
})
const secondBackEnd = sqlStore('sql11.contoso.com')
const monitoring = sqlStore('sql05.contoso.com', '')
const share = fileStore('\\\\fs01.contoso.com\\Lync', { serviceFolders: ['1-WebServices-1', '1-ApplicationServer-1'] })
const base = desiredState()

export const healthy: Desired = {
  ...base,
  deployment: {
    ...base.deployment,
    product: 'skype-for-business-2015',
    centralManagementStore: backEnd,
    keptElsewhere: [keptElsewhere('active-directory'), keptElsewhere('certificates')],
  },
  pools: [
    pool('pool01.contoso.com', 'front-end', {
      product: 'skype-for-business-2015',
      servers: ['fe01.contoso.com', 'fe02.contoso.com'],
      applications: ['response-group'],
      stores: { user: backEnd, monitoring },
      fileStore: share,
      pairedWith: 'pool02.contoso.com',
    }),
    pool('pool02.contoso.com', 'front-end', {
      product: 'skype-for-business-2015',
      site: 'Munich',
      servers: ['fe11.contoso.com'],
      stores: { user: secondBackEnd },
      pairedWith: 'pool01.contoso.com',
    }),
    pool('edge.contoso.com', 'edge', { product: 'skype-for-business-2015', servers: ['edge01.contoso.com'] }),
  ],
  sqlStores: [backEnd, secondBackEnd, monitoring],
  fileStores: [share],
}

export function database(name: string, more: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return {
    name,
    guid: `guid of ${name}`,
    state: 'ONLINE',
    recoveryModel: 'SIMPLE',
    createdAt: '2025-01-01T00:00:00.000Z',
    mirroringRole: null,
    replicaRole: null,
    ...more,
  }
}

const hourAgo = '2026-03-10T11:00:00.000Z'

export function principal(name: string, more: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return database(name, { recoveryModel: 'FULL', mirroringRole: 'PRINCIPAL', lastLogBackupAt: hourAgo, ...more })
}

export function mirror(name: string, more: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return database(name, {
    guid: null,
    state: 'RESTORING',
    recoveryModel: 'FULL',
    mirroringRole: 'MIRROR',
    lastLogBackupAt: null,
    ...more,
  })
}

export function instance(databases: DatabaseFacts[]): Facts['sqlInstance'] {
  return { version: '12.0.6024.0', edition: 'Standard Edition (64-bit)', machine: 'SQL', databases }
}

export function modules(exports: Record<string, string>, importStatus = 'NormalState'): Facts['pairing']['modules'] {
  return Object.entries(exports).map(([name, exportStatus]) => ({ name, exportStatus, importStatus }))
}

/** Of both pools with users; the others are `Active`. */
export function states(changed: Record<string, string>): Facts['poolStates'] {
  const pools = ['pool01.contoso.com', 'pool02.contoso.com']
  return { pools: pools.map((fqdn) => ({ fqdn, state: changed[fqdn] ?? 'Active' })) }
}

const steady = { 'UserServices.PresenceFocus': 'FinalState', 'ConfServices.DataConf': 'SteadyState' }

export function certificate(expiresAt: string): Facts['tls'] {
  return { port: 5061, subject: 'CN=fe01', names: ['fe01'], issuer: 'CN=CA', thumbprint: 'AB12', expiresAt }
}

export function replica(fqdn: string, upToDate: boolean | null, lastUpdateCreation: string | null = null) {
  return { fqdn, upToDate, lastStatusReport: null, lastUpdateCreation }
}

/** Null: nothing of the kind was seen. */
type Sights = { [F in keyof Facts]?: Record<string, Facts[F] | undefined> | null }

const sights = {
  dns: {
    'fe01.contoso.com': { answers: ['10.0.0.1'] },
    'pool01.contoso.com': { answers: ['10.0.0.1', '10.0.0.2'] },
    'sip.contoso.com': { answers: ['10.0.0.1'] },
  },
  tls: { 'fe01.contoso.com': certificate('2026-12-31T00:00:00.000Z') },
  webCertificates: {
    'fe01.contoso.com': {
      internal: certificate('2026-12-31T00:00:00.000Z'),
      external: certificate('2026-12-31T00:00:00.000Z'),
    },
  },
  sqlInstance: {
    'sql01.contoso.com\\rtc': instance([principal('rtcxds'), principal('xds')]),
    'sql02.contoso.com\\rtc': instance([mirror('rtcxds'), mirror('xds')]),
    'sql11.contoso.com\\rtc': instance([database('rtcxds')]),
    'sql05.contoso.com': instance([database('LcsCDR'), database('ReportServer', { recoveryModel: 'FULL' })]),
  },
  fileStore: { '\\\\fs01.contoso.com\\Lync': { folders: ['1-ApplicationServer-1', '1-WebServices-1', 'notes'] } },
  publishedTopology: { contoso: { signature: 'S-1', topology: publishedAs(healthy) } },
  pairing: {
    'pool01.contoso.com': {
      partner: 'POOL02.contoso.com',
      modules: modules({ ...steady, 'CentralMgmt.CMSMaster': 'FinalState' }),
    },
    'pool02.contoso.com': {
      partner: 'pool01.contoso.com',
      modules: modules({ ...steady, 'CentralMgmt.CMSMaster': 'NotInitialized' }),
    },
  },
  poolStates: { contoso: states({}) },
  oauthCertificate: { contoso: { certificate: certificate('2026-12-31T00:00:00.000Z') } },
  simpleUrls: {
    contoso: { urls: [{ scope: 'Global', component: 'Meet', domain: '*', url: 'https://meet.contoso.com' }] },
  },
  centralManagement: {
    contoso: { location: 'SQL01.contoso.com\\rtc', activeMaster: 'fe01.contoso.com', fileTransferAgents: [] },
  },
  replication: { contoso: { replicas: [replica('fe01.contoso.com', true), replica('fe02.contoso.com', true)] } },
  patchLevels: {
    contoso: {
      servers: [
        { fqdn: 'fe01.contoso.com', version: '6.0.9319.534' },
        { fqdn: 'FE02.contoso.com', version: '6.0.9319.534' },
        { fqdn: 'fe11.contoso.com', version: '6.0.9319.102' },
      ],
    },
  },
  dhcp: { contoso: { servers: [{ name: 'dhcp01.contoso.com', options: [{ id: 43, value: '00-01' }] }] } },
  environmentRecord: {
    [set]: {
      record: {
        contoso: { simpleUrls: 'Meet * https://meet.contoso.com', oauthThumbprint: 'AB12' },
        'fe01.contoso.com': { dns: '10.0.0.1', thumbprint: 'AB12', patchLevel: '6.0.9319.534' },
        'pool01.contoso.com': { dns: '10.0.0.1, 10.0.0.2' },
        'sip.contoso.com': { dns: '10.0.0.1' },
        'dhcp01.contoso.com': { dhcpOption43: '00-01' },
        'sql05.contoso.com': { version: '12.0.6024.0' },
        'sql05.contoso.com/LcsCDR': {
          ...{ guid: 'guid of LcsCDR', family: 'family', createdAt: '2025-01-01T00:00:00.000Z', state: 'ONLINE' },
        },
      },
    },
  },
} satisfies Sights

/** pool02 has an active Central Management store beside that of pool01; `without` one of the three signs of it. */
export function twoStores(without?: 'open' | 'running' | 'exported'): Change {
  const xds = database('xds', without === 'open' ? { state: 'OFFLINE' } : {})
  const running = (server: string, status: string) => [server, { services: [{ name: 'MASTER', status }] }] as const
  const exported = without === 'exported' ? 'NotInitialized' : 'FinalState'
  return {
    sights: {
      sqlInstance: { 'sql11.contoso.com\\rtc': instance([database('rtcxds'), xds]) },
      services: Object.fromEntries([
        running('fe01.contoso.com', 'Running'),
        running('fe11.contoso.com', without === 'running' ? 'Stopped' : 'Running'),
      ]),
      pairing: {
        'pool02.contoso.com': {
          partner: 'pool01.contoso.com',
          modules: modules({ ...steady, 'CentralMgmt.CMSMaster': exported }),
        },
      },
    },
  }
}

const everyItem: readonly Item[] = [
  { kind: 'configuration', subject: 'contoso' },
  { kind: 'location-information', subject: 'contoso' },
  { kind: 'environment', subject: 'contoso' },
  { kind: 'user-data', subject: 'pool01.contoso.com' },
  { kind: 'user-data', subject: 'pool02.contoso.com' },
  { kind: 'response-groups', subject: 'pool01.contoso.com' },
  { kind: 'sql-database', subject: 'sql05.contoso.com/LcsCDR' },
  { kind: 'sql-database', subject: 'sql05.contoso.com/QoEMetrics' },
  { kind: 'file-store', subject: '\\\\fs01.contoso.com\\Lync' },
]

/** What a test changes; a sight that is undefined was not seen. */
export interface Change {
  desired?: Partial<Desired>
  sights?: Sights
  /** Of observations that are named so: since when. */
  since?: string
  classes?: Record<string, Class>
  sets?: readonly SetSummary[]
  /** A fact of which the last look brought nothing, with the error, or was long ago: fact and subject. */
  silent?: readonly [keyof Facts, string, string?, Partial<Unseen>?]
  old?: readonly [keyof Facts, string]
  /** Findings of the last pass. */
  open?: readonly Finding[]
}

export function observed({
  sights: changed = {},
  since = hourAgo,
  silent,
  old,
  sets = [summary('2026-03-10T02:00:00.000Z', { ok: everyItem })],
}: Change): Observed {
  const facts = eachFact(() => new Map<string, Observation<never>>())
  for (const fact of Object.keys({ ...sights, ...changed }) as (keyof Facts)[]) {
    const change = changed[fact]
    if (change === null) continue
    for (const [subject, value] of Object.entries<unknown>({ ...(sights as Sights)[fact], ...change }))
      if (value !== undefined) facts[fact].set(subject, { ...seen(subject, value as never, now), since })
  }
  if (silent)
    facts[silent[0]].set(silent[1], { ...notSeen(silent[1], silent[2] ?? 'nothing came', silent[3]), at: now })
  if (old) {
    const last = facts[old[0]].get(old[1])
    if (last) facts[old[0]].set(old[1], { ...last, at: '2026-03-09T12:00:00.000Z' })
  }
  return { ...world(sets), facts: { ...facts, location: world().facts.location } }
}

export function digestWith(change: Change): Digest {
  const desired = { ...healthy, policies: [policy()], ...change.desired }
  const classes = { 'fe01.contoso.com': 'healthy', 'edge01.contoso.com': 'unreachable', ...change.classes } as const
  const verdicts = new Map(Object.entries(classes).map(([subject, name]) => [subject, verdict(subject, name)]))
  const known = digestOf(
    desired,
    observed(change),
    memory({ standing: { conditions: [], findings: change.open ?? [], flags: [], runbooks: [] } }),
    now,
  )
  return { ...known, classes: { ...known.classes, hosts: verdicts, databases: verdicts, fileStores: verdicts } }
}

function verdict(subject: string, name: Class): Classified {
  return { subject, class: name, since: now, reason: '', because: () => [] }
}

/** What other tests watch: what the sets hold, and servers and databases as they are. */
const elsewhere: ReadonlySet<string> = new Set([
  'objective-out-of-reach',
  'set-damaged',
  'item-failed',
  'network-unreachable',
  'service-stopped',
  'sql-instance-silent',
  'database-not-online',
  'mirror-not-synchronized',
  'pool-below-quorum',
  'fabric-incomplete',
  'central-management-unavailable',
  'sql-old-tls',
])

/** The findings of drift alone, in their order of rules. */
export function driftOf(change: Change = {}): Fresh<Finding>[] {
  const one = digestWith(change)
  return rules.filter(({ codes }) => !codes.some((code) => elsewhere.has(code))).flatMap((rule) => rule.find(one))
}

export function told(change: Change): string[] {
  return driftOf(change).map(({ code, severity, subject }) => `${severity} ${code} ${subject}`)
}
