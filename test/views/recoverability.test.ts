import { describe, expect, test } from 'vitest'
import type { EnvironmentRecord } from '../../src/domain/environment-record.ts'
import type { Facts } from '../../src/domain/facts.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { BackupSet, SetSummary } from '../../src/domain/backup-set.ts'
import type { Flag } from '../../src/domain/statement.ts'
import type { Item, Level } from '../../src/domain/words.ts'
import { plan } from '../../src/plan/plan.ts'
import { recoverabilityView } from '../../src/views/recoverability.ts'
import { contoso } from '../support/contoso.ts'
import { memory, notSeen, seen, summary, world } from '../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const sample = await contoso()
const madeAt = '2026-03-10T02:00:00.000Z'
const set = `nightly/${madeAt}`

interface Given {
  desired?: Desired
  /** Items with an ok copy in the one set; left out: all that anything needs. */
  ok?: readonly Item[]
  verified?: Partial<Record<Level, string>>
  recorded?: EnvironmentRecord
  facts?: Parameters<typeof world>[1]
  flags?: readonly Flag[]
  sets?: readonly BackupSet[]
}

const share: Item = { kind: 'file-store', subject: String.raw`\\fs01.contoso.com\LyncShare` }
const archives: Item[] = ['LcsCDR', 'QoEMetrics'].map((name) => ({
  kind: 'sql-database',
  subject: `sql05.contoso.com/${name}`,
}))
const chat: Item = { kind: 'sql-database', subject: String.raw`sql04.contoso.com\chat/mgc` }
const ofSe01: Item[] = [
  { kind: 'user-data', subject: 'se01.contoso.com' },
  { kind: 'response-groups', subject: 'se01.contoso.com' },
  { kind: 'file-store', subject: String.raw`\\se01.contoso.com\LyncShare` },
]
const everything: Item[] = [{ kind: 'environment', subject: 'contoso' }, share, ...archives, chat, ...ofSe01]
const patched: EnvironmentRecord = Object.fromEntries(
  sample.pools.flatMap(({ servers }) => servers.map((server) => [server, { patchLevel: '6.0.9319.598' }])),
)

function ask(subject: string | null, given: Given = {}) {
  const { desired = sample, ok = everything, verified = { checksum: madeAt }, recorded = patched } = given
  const copy: SetSummary = summary(madeAt, { ok, verified })
  const observed = world([copy], {
    environmentRecord: new Map([[set, seen(set, { record: recorded })]]),
    ...given.facts,
  })
  const known = memory()
  const planned = { ...plan(desired, observed, known, now), flags: given.flags ?? [] }
  return recoverabilityView({ desired, observed, memory: known, plan: planned, now, sets: given.sets ?? [] }, subject)
}

function row(subject: string, given: Given = {}) {
  const [only] = ask(subject, given)!.subjects
  return only!
}

function instance(version: string, databases: Partial<Facts['sqlInstance']['databases'][number]>[] = []) {
  const one = { name: 'xds', guid: null, state: 'ONLINE', recoveryModel: 'FULL', createdAt: null }
  const plain = { ...one, mirroringRole: null, replicaRole: null }
  return { version, edition: 'Standard', machine: 'm', databases: databases.map((more) => ({ ...plain, ...more })) }
}

const flag = (subject: string, scenario: Flag['scenario']): Flag => ({
  ...{ subject, scenario, reason: 'gone', since: now, evidence: [], seen: ['absent'] },
})

describe('a healthy Contoso', () => {
  test('every host has a row, and nothing blocks', () => {
    const rows = ask(null)!.subjects
    expect(rows).toHaveLength(23)
    expect(rows.filter(({ blockers }) => blockers.length > 0)).toEqual([])
  })

  test('each item has its set, and what would be lost until now', () => {
    expect(row('sql05.contoso.com').items).toEqual(
      archives.map((item) => ({ ...item, from: set, dataLossSeconds: 36_000, unseenSince: null })),
    )
    expect(row('fe01.contoso.com').items).toEqual([])
  })
})

describe('what blocks', () => {
  const codes = (subject: string, given: Given = {}): string[] => row(subject, given).blockers.map(({ code }) => code)

  test('no copy of an item', () => {
    const { items, blockers } = row('se01.contoso.com', { ok: [everything[0]!, ofSe01[0]!] })
    expect(items.map(({ from, dataLossSeconds }) => [from, dataLossSeconds])).toEqual([
      [set, 36_000],
      [null, null],
      [null, null],
    ])
    expect(blockers.map(({ code }) => code)).toEqual(['recovery-point-missing'])
    expect(blockers[0]?.message).toContain('response-groups of se01.contoso.com')
  })

  test.each<[string, Partial<Record<Level, string>>, string[]]>([
    ['a set that nobody verified', {}, ['set-not-verified']],
    ['a set of which only the structure was seen', { structure: madeAt }, ['set-not-verified']],
    ['but not one whose bytes were read', { structure: madeAt, content: madeAt }, []],
  ])('%s', (_name, verified, expected) => {
    expect(codes('fs01.contoso.com', { verified })).toEqual(expected)
  })

  test('that nobody says who keeps what this restore needs', () => {
    const desired = { ...sample, deployment: { ...sample.deployment, keptElsewhere: [] } }
    const told = (subject: string): string[] => row(subject, { desired }).blockers.map(({ message }) => message)
    expect(told('fe01.contoso.com').join()).toMatch(/active-directory.*certificates.*media/s)
    expect(told('sql04.contoso.com').join()).not.toMatch(/certificates/)
    expect(told(String.raw`\\contoso.com\Lync`).join()).not.toMatch(/media/)
  })

  test('a name that resolves to something else, for whom it concerns', () => {
    const recorded = { ...patched, 'fe01.contoso.com': { ...patched['fe01.contoso.com'], dns: '10.20.0.11' } }
    const dns = new Map([['fe01.contoso.com', seen('fe01.contoso.com', { answers: ['10.9.9.9'] })]])
    const { blockers } = row('fe01.contoso.com', { recorded, facts: { dns } })
    expect(blockers).toEqual([
      {
        code: 'environment-changed',
        message: `fe01.contoso.com: DNS was 10.20.0.11 as of ${set}, and is 10.9.9.9 now.`,
      },
    ])
    expect(codes('fe02.contoso.com', { recorded, facts: { dns } })).toEqual([])
  })

  test('nothing of what was gone when the set was made, but what was there before that', () => {
    const recorded = { ...patched, 'fe01.contoso.com': { ...patched['fe01.contoso.com'], dns: 'none' } }
    const blockers = (earlier: EnvironmentRecord | undefined, answer: string) => {
      const dns = new Map([['fe01.contoso.com', seen('fe01.contoso.com', { answers: [answer] })]])
      const record = { record: recorded, ...(earlier === undefined ? {} : { earlier }) }
      const environmentRecord = new Map([[set, seen(set, record)]])
      return row('fe01.contoso.com', { facts: { dns, environmentRecord } }).blockers.map(({ message }) => message)
    }
    const before = { 'fe01.contoso.com': { dns: '10.20.0.11' } }
    expect(blockers(undefined, '10.20.0.11')).toEqual([])
    expect(blockers(before, '10.20.0.11')).toEqual([])
    expect(blockers(before, '10.9.9.9')).toEqual([
      `fe01.contoso.com: DNS was 10.20.0.11 as of ${set}, and is 10.9.9.9 now.`,
    ])
  })

  test('not a certificate that was renewed', () => {
    const of = (names: string) => `CN=fe01; names ${names}; CN=CA; until 2026-06-01T00:00:00.000Z`
    const now = { port: 5061, subject: 'CN=fe01', names: ['fe01'], issuer: 'CN=CA', thumbprint: 'CD34' }
    const tls = new Map([
      ['fe01.contoso.com', seen('fe01.contoso.com', { ...now, expiresAt: '2028-06-01T00:00:00.000Z' })],
    ])
    const told = (names: string): string[] => {
      const facts = { ...patched['fe01.contoso.com'], certificate: of(names), thumbprint: 'AB12' }
      return codes('fe01.contoso.com', { recorded: { ...patched, 'fe01.contoso.com': facts }, facts: { tls } })
    }
    expect(told('fe01')).toEqual([])
    expect(told('fe01, pool01')).toEqual(['environment-changed'])
  })

  test('a name by which everybody is found, for all', () => {
    const name = '_sipinternaltls._tcp.contoso.com'
    const recorded = { ...patched, [name]: { dns: '5061 pool01.contoso.com' } }
    const dns = new Map([[name, seen(name, { answers: ['5061 pool02.contoso.com'] })]])
    const rows = ask(null, { recorded, facts: { dns } })!.subjects
    expect(rows.every(({ blockers }) => blockers[0]?.code === 'environment-changed')).toBe(true)
  })

  test.each([
    ['an older SQL Server for a backup', '11.0.7001.0', 'sql-version-older'],
    ['a newer one is another environment', '13.0.5026.0', 'environment-changed'],
  ])('%s', (_name, version, code) => {
    const here = String.raw`sql04.contoso.com\chat`
    const recorded = { ...patched, [here]: { version: '12.0.6024.0' } }
    const sqlInstance = new Map([[here, seen(here, instance(version), now)]])
    expect(codes('sql04.contoso.com', { recorded, facts: { sqlInstance } })).toEqual([code])
  })

  test('fault A17: a database that was encrypted', () => {
    const subject = String.raw`sql04.contoso.com\chat/mgc`
    const told = (encrypted: string): string[] =>
      codes('sql04.contoso.com', { recorded: { ...patched, [subject]: { encrypted } } })
    expect(told('yes')).toEqual(['database-encrypted'])
    expect([told('no'), told('unknown')]).toEqual([[], []])
  })

  test('a set of another product', () => {
    const recorded = {
      ...patched,
      'se01.contoso.com': { ...patched['se01.contoso.com'], product: 'skype-for-business-2015' },
    }
    expect(codes('se01.contoso.com', { recorded })).toEqual(['set-other-product'])
  })

  test('a patch level that nobody tells, where something is installed or imported', () => {
    expect(codes('fe01.contoso.com', { recorded: {} })).toEqual(['patch-level-unknown'])
    expect(codes('se01.contoso.com', { recorded: {} })).toEqual(['patch-level-unknown'])
    expect(codes('sql04.contoso.com', { recorded: {} })).toEqual([])
  })

  test('Central Management that is lost: all others wait for it', () => {
    const flags = [flag('sql01.contoso.com', 'central-management'), flag('sql02.contoso.com', 'central-management')]
    const { scenario, blockers } = row('sql01.contoso.com', { flags })
    expect(scenario).toBe('central-management')
    expect(blockers.map(({ code }) => code)).toEqual(['recovery-point-missing'])
    expect(codes('sql04.contoso.com', { flags })).toEqual(['central-management-first'])
  })

  test('nothing that is merely unknown', () => {
    const dns = new Map([['fe01.contoso.com', notSeen('fe01.contoso.com', 'no')]])
    const recorded = { ...patched, 'fe01.contoso.com': { ...patched['fe01.contoso.com'], dns: '10.20.0.11' } }
    expect(codes('fe01.contoso.com', { recorded, facts: { dns } })).toEqual([])
    expect(codes('fs01.contoso.com', { facts: { environmentRecord: new Map() } })).toEqual([])
  })

  test('that the procedure is another product’s', () => {
    const old = {
      ...sample.pools[0]!,
      fqdn: 'old.contoso.com',
      type: 'unsupported' as const,
      servers: ['old01.contoso.com'],
    }
    const { scenario, steps, blockers } = row('old01.contoso.com', {
      desired: { ...sample, pools: [...sample.pools, old] },
    })
    expect([scenario, steps, blockers.map(({ code }) => code)]).toEqual([null, [], ['procedure-elsewhere']])
  })
})

// Whether the partner that is left becomes principal decides between sections 6.3 and 6.6 of the domain reference.
describe('one partner of the Central Management store', () => {
  const survivor = String.raw`sql02.contoso.com\rtc`
  const seenAs = (more: Partial<Facts['sqlInstance']['databases'][number]>) =>
    ({ facts: { sqlInstance: new Map([[survivor, seen(survivor, instance('12.0.6024.0', [more]), now)]]) } }) as Given
  const mode = sample.sqlStores.find(({ name }) => name === 'sql01-rtc')!
  const withoutWitness = (): Desired => {
    const highAvailability = { ...mode.highAvailability, witness: null } as typeof mode.highAvailability
    const store = { ...mode, highAvailability }
    const sqlStores = sample.sqlStores.map((one) => (one === mode ? store : one))
    return { ...sample, sqlStores, deployment: { ...sample.deployment, centralManagementStore: store } }
  }

  test.each<[string, Given, string]>([
    [
      'a synchronized mirror with a witness',
      seenAs({ mirroringRole: 'MIRROR', mirroringState: 'SYNCHRONIZED' }),
      'mirror-partner',
    ],
    [
      'a mirror whose session is suspended',
      seenAs({ mirroringRole: 'MIRROR', mirroringState: 'SUSPENDED' }),
      'central-management',
    ],
    [
      'a mirror that lost its witness',
      seenAs({ mirroringRole: 'MIRROR', mirroringWitnessState: 'DISCONNECTED' }),
      'central-management',
    ],
    [
      'the principal itself',
      { ...seenAs({ mirroringRole: 'PRINCIPAL' }), desired: withoutWitness() },
      'mirror-partner',
    ],
    [
      'a mirror without witness',
      { ...seenAs({ mirroringRole: 'MIRROR' }), desired: withoutWitness() },
      'central-management',
    ],
    ['a silent partner, with a witness', {}, 'mirror-partner'],
    ['a silent partner, without one', { desired: withoutWitness() }, 'central-management'],
  ])('%s: %s', (_name, given, scenario) => {
    expect(row('sql01.contoso.com', given).scenario).toBe(scenario)
  })

  test('once it is lost, only a survivor that serves the databases counts', () => {
    const flags = [flag('sql01.contoso.com', 'central-management')]
    const mirror = { mirroringRole: 'MIRROR', mirroringState: 'SYNCHRONIZED' }
    const { scenario, flag: open } = row('sql01.contoso.com', { ...seenAs(mirror), flags })
    expect([scenario, open?.scenario]).toEqual(['central-management', 'central-management'])
    expect(row('sql01.contoso.com', { ...seenAs({ mirroringRole: 'PRINCIPAL' }), flags }).scenario).toBe(
      'mirror-partner',
    )
  })
})

describe('what the paired pool keeps', () => {
  test('is told of what is lost with a whole pool', () => {
    const users: Item = { kind: 'user-data', subject: 'pool02.contoso.com' }
    const groups: Item = { kind: 'response-groups', subject: 'pool02.contoso.com' }
    expect(row('pool02.contoso.com').pairing).toEqual({
      partner: 'pool01.contoso.com',
      covered: [users],
      notCovered: [groups],
    })
  })

  test('is nothing where there is no pair, or nothing is lost', () => {
    expect(row('se01.contoso.com').pairing).toBeNull()
    expect(row('fe01.contoso.com').pairing).toBeNull()
  })
})

describe('where it comes back from', () => {
  const unc = String.raw`\\backup01.contoso.com\LyncBackup\nightly\20260310T020000Z-abcd`
  const held: BackupSet = {
    ...{ id: set, policy: 'nightly', location: 'main', path: '/mnt/x', unc, revision: 'r', cause: 'scheduled' },
    ...{ slot: null, whole: true, required: [], state: 'complete', startedAt: madeAt, finishedAt: now },
    ...{ bytes: 4e9, files: 1, verifications: [] },
    items: [{ ...share, path: 'data/file-stores/fs01.contoso.com_lyncshare', outcome: 'ok', bytes: 4_000_000_000 }],
  }

  test('stands in the command, and its size in the estimate', () => {
    const { steps, estimateSeconds } = row('fs01.contoso.com', { sets: [held] })
    expect(steps.find(({ id }) => id === 'restore-file-store')?.command).toContain(
      String.raw`'${unc}\data\file-stores\fs01.contoso.com_lyncshare' '\\fs01.contoso.com\LyncShare'`,
    )
    expect(estimateSeconds).toBe(row('fs01.contoso.com').estimateSeconds + 100)
  })

  test('fault E9: the files of a database and the level of a server are those that the set recorded', () => {
    const files = [{ name: 'LcsCDR', type: 'D', path: String.raw`D:\CsData\LcsCdr.mdf` }]
    const database = { recoveryModel: 'SIMPLE', collation: null, files, encryptor: null }
    const cdr = { ...archives[0]!, path: 'data/sql/LcsCDR.bak', outcome: 'ok' as const, bytes: 1, database }
    const restore = row('sql05.contoso.com', { sets: [{ ...held, items: [cdr] }] }).steps.find(
      ({ id, subject }) => id === 'restore-databases' && subject === cdr.subject,
    )
    expect(restore?.command).toContain(String.raw`MOVE N'LcsCDR' TO N'D:\CsData\LcsCdr.mdf';`)
    const update = row('fe01.contoso.com').steps.find(({ id }) => id === 'apply-updates')
    expect(update?.title).toContain('that gives it the recorded version 6.0.9319.598; media')
  })

  test('of Persistent Chat is the newer of the two ways to keep it', () => {
    const byCmdlet: Item = { kind: 'persistent-chat', subject: chat.subject }
    expect(row('sql04.contoso.com', { ok: [byCmdlet] }).items).toEqual([
      { ...byCmdlet, from: set, dataLossSeconds: 36_000, unseenSince: null },
    ])
  })
})

test('databases, shares and pools can be asked for; other names have no answer', () => {
  expect(row(String.raw`SQL04.contoso.com\CHAT/mgc`).scenario).toBe('persistent-chat')
  expect(row(String.raw`\\contoso.com\Lync`).scenario).toBe('file-store')
  expect(row('pool01.contoso.com').scenario).toBe('pool')
  expect(ask('fe99.contoso.com')).toBeNull()
  expect(ask('nightly')).toBeNull()
})

test('a database that both partners lost comes back from a set', () => {
  const [here, there] = ['sql01', 'sql02'].map((name) => String.raw`${name}.contoso.com\rtc/rtcxds`) as [string, string]
  expect(row(here, { flags: [flag(here, 'mirror-partner')] }).items).toEqual([])
  const flags = [flag(here, 'back-end'), flag(there, 'back-end')]
  expect(row(here, { flags })).toMatchObject({ scenario: 'back-end', items: [{ kind: 'user-data' }] })
})
