/** Several failures at once: the lists by hand, from the order of the domain reference, section 6.1. */
import { describe, expect, test } from 'vitest'
import { lossesOf } from '../../../src/domain/loss/several.ts'
import type { Desired } from '../../../src/domain/model.ts'
import { isSameRow } from '../../../src/domain/procedures/order.ts'
import { procedureOf, procedureOfAll } from '../../../src/domain/procedures/procedures.ts'
import type { Row } from '../../../src/domain/procedures/row.ts'
import { fileStore, pool, sqlStore } from '../../support/desired.ts'
import { deploymentOf, frontEnds, group, mirrored, standardEdition } from './deployments.ts'

const host = (name: string): string => `${name}.contoso.com`
const rtc = sqlStore(host('sql01'))
const mirror = mirrored(host('sql01'), host('sql02'), host('sql03'))
const archive = sqlStore(host('sql05'), '')
const ee = frontEnds('fe', rtc)
const se = standardEdition('se01')
const edge = pool(host('edge'), 'edge', { servers: [host('edge01')] })
const chat = pool(host('pchat'), 'persistent-chat', { stores: { persistentChat: sqlStore(host('sql04'), 'chat') } })
const shared = fileStore(String.raw`\\fs01.contoso.com\Lync`)
const pair = [
  frontEnds('fe', rtc, { pairedWith: host('dr') }),
  frontEnds('dr', sqlStore(host('sql11')), { pairedWith: host('fe') }),
]

function rowsOf(desired: Desired, lost: readonly string[]): Row[] {
  const losses = lossesOf(lost, desired, () => ({ isLost: () => false, isTakenOver: () => true }))
  const known = losses.filter((loss) => loss !== null)
  expect(known.length).toBe(lost.length)
  return procedureOfAll(known, desired, { copyOf: () => null, isLost: () => false })
}

/** `rebuild-machine: sql01, fe-a`: neighbours of one kind in a line, with their subjects. */
function told(rows: readonly Row[]): string[] {
  const lines: { start: string; subjects: string[] }[] = []
  for (const { id, subject, branches, in: ways } of rows) {
    const way = ways.length === 0 ? '' : ` [${ways.map((one) => one.branch).join(', ')}]`
    const start = `${branches ? '? ' : ''}${id}${way}`
    const name = subject.replaceAll('.contoso.com', '')
    const last = lines.at(-1)
    if (last?.start === start) last.subjects.push(name)
    else lines.push({ start, subjects: [name] })
  }
  return lines.map(({ start, subjects }) => `${start}: ${subjects.join(', ')}`)
}

const wizardOn = (servers: string): string[] =>
  ['install-local-store', 'install-components', 'assign-certificates', 'apply-updates'].map((id) => `${id}: ${servers}`)
const usersOf = (pools: string): string[] =>
  ['check-contact-store', 'stop-services', 'import-user-data', 'start-services'].map((id) => `${id}: ${pools}`)
const prepare = ['check-surroundings: contoso', 'check-restore-rights: contoso']

const cases: readonly [name: string, desired: Desired, lost: readonly string[], rows: readonly string[]][] = [
  [
    'a Back End with the Central Management store, and a Front End of its pool',
    deploymentOf([ee], rtc),
    ['fe-a', 'sql01'],
    [
      ...prepare,
      'save-local-replica: contoso',
      'rebuild-machine: sql01, fe-a',
      'install-sql-server: sql01',
      'restore-certificates: fe-a',
      'take-image: sql01, fe-a',
      String.raw`prove-store-empty: sql01\rtc`,
      String.raw`create-central-management-store: sql01\rtc`,
      String.raw`point-directory: sql01\rtc`,
      '? choose-configuration: contoso',
      'import-local-replica [from-replica]: contoso',
      'import-configuration [from-set]: contoso',
      'enable-topology: contoso',
      'download-topology: contoso',
      String.raw`create-databases: sql01\rtc`,
      ...wizardOn('fe-a'),
      String.raw`update-databases: sql01\rtc`,
      'start-server: fe-a',
      'check-oauth-certificate: fe',
      'renew-kerberos-account: fe',
      ...usersOf('fe'),
      'import-locations: contoso',
      'check-replication: fe-a',
      'merge-one-user: fe',
    ],
  ],
  [
    'both Back End partners, and the file server',
    deploymentOf([frontEnds('fe', mirror, { fileStore: shared })]),
    ['sql01', 'fs01', 'sql02'],
    [
      ...prepare,
      'rebuild-machine: fs01, sql01, sql02',
      'install-sql-server: sql01, sql02',
      'take-image: fs01, sql01, sql02',
      String.raw`share-file-store: \\fs01\Lync`,
      String.raw`restore-file-store: \\fs01\Lync`,
      'enable-topology: contoso',
      'download-topology: contoso',
      String.raw`create-databases: sql01\rtc`,
      String.raw`update-databases: sql01\rtc`,
      String.raw`create-mirror: sql01\rtc`,
      ...usersOf('fe'),
      'merge-one-user: fe',
    ],
  ],
  [
    'a Standard Edition server with the Central Management store, and an Edge Server',
    deploymentOf([se, edge], se.stores.user ?? null),
    ['edge01', 'se01'],
    [
      ...prepare,
      'rebuild-machine: se01, edge01',
      'restore-certificates: se01, edge01',
      'take-image: se01, edge01',
      'prepare-first-standard-edition: se01',
      'update-administrative-tools: se01',
      String.raw`prove-store-empty: se01\rtc`,
      String.raw`create-central-management-store: se01\rtc`,
      String.raw`point-directory: se01\rtc`,
      'import-configuration: contoso',
      'enable-topology: contoso',
      'download-topology: contoso',
      'export-for-edge: edge',
      ...wizardOn('se01, edge01'),
      'update-databases: se01',
      'start-server: se01, edge01',
      'check-oauth-certificate: se01',
      'renew-kerberos-account: se01',
      ...usersOf('se01'),
      'import-locations: contoso',
      'check-replication: se01, edge01',
      'merge-one-user: se01',
    ],
  ],
  [
    'the SQL Server of the archive, and a Persistent Chat server: users do not wait for the archive',
    deploymentOf([frontEnds('fe', rtc, { stores: { archiving: archive } }), chat]),
    ['sql05', 'pchat'],
    [
      ...prepare,
      'rebuild-machine: pchat, sql05',
      'install-sql-server: sql05',
      'restore-certificates: pchat',
      'take-image: pchat, sql05',
      'download-topology: contoso',
      'create-databases: sql05',
      ...wizardOn('pchat'),
      'update-databases: sql05',
      'start-server: pchat',
      'check-replication: pchat',
      'restore-databases: sql05/LcsLog',
      'grant-database-roles: sql05/LcsLog',
    ],
  ],
  [
    'both pools of a pair with the Central Management store: nothing is left to fail over to',
    deploymentOf(pair, rtc),
    ['dr', 'fe'],
    [
      ...prepare,
      'rebuild-machine: sql01, fe-a, fe-b, sql11, dr-a, dr-b',
      'install-sql-server: sql01, sql11',
      'restore-certificates: fe-a, fe-b, dr-a, dr-b',
      'take-image: sql01, fe-a, fe-b, sql11, dr-a, dr-b',
      String.raw`prove-store-empty: sql01\rtc`,
      String.raw`create-central-management-store: sql01\rtc`,
      String.raw`point-directory: sql01\rtc`,
      'import-configuration: contoso',
      'enable-topology: contoso',
      'download-topology: contoso',
      String.raw`create-databases: sql01\rtc, sql11\rtc`,
      ...wizardOn('fe-a, fe-b, dr-a, dr-b'),
      String.raw`update-databases: sql01\rtc, sql11\rtc`,
      'start-server: fe-a, fe-b, dr-a, dr-b',
      'check-oauth-certificate: fe, dr',
      'renew-kerberos-account: fe, dr',
      'reset-pool: fe, dr',
      ...usersOf('fe, dr'),
      'import-locations: contoso',
      'check-replication: fe-a, fe-b, dr-a, dr-b',
      'merge-one-user: fe, dr',
    ],
  ],
  [
    'both partners of a mirrored archive, and a Front End: RESTORE before the mirror, and the Front End before both',
    deploymentOf([frontEnds('fe', rtc, { stores: { archiving: mirrored(host('sql05'), host('sql06')) } })]),
    ['sql05', 'sql06', 'fe-a'],
    [
      ...prepare,
      '? check-fabric: fe-a',
      'remove-machine-state [waits]: fe-a',
      'rebuild-machine: fe-a, sql05, sql06',
      'install-sql-server: sql05, sql06',
      'restore-certificates: fe-a',
      'take-image: fe-a, sql05, sql06',
      'download-topology: contoso',
      String.raw`create-databases: sql05\rtc`,
      ...wizardOn('fe-a'),
      String.raw`update-databases: sql05\rtc`,
      'start-server: fe-a',
      'check-oauth-certificate: fe',
      'renew-kerberos-account: fe',
      'check-replication: fe-a',
      String.raw`restore-databases: sql05\rtc/LcsLog`,
      String.raw`grant-database-roles: sql05\rtc/LcsLog`,
      String.raw`create-mirror: sql05\rtc`,
    ],
  ],
  [
    'a Back End, and that of the paired pool: a pool without its store takes over nothing',
    deploymentOf(pair),
    ['sql11', 'sql01'],
    [
      ...prepare,
      'rebuild-machine: sql11, sql01',
      'install-sql-server: sql11, sql01',
      'take-image: sql11, sql01',
      'download-topology: contoso',
      String.raw`create-databases: sql11\rtc, sql01\rtc`,
      String.raw`update-databases: sql11\rtc, sql01\rtc`,
      ...usersOf('fe, dr'),
      'merge-one-user: fe, dr',
    ],
  ],
  [
    'every Front End of a pool, one by one: it forms anew',
    deploymentOf([ee]),
    ['fe-a', 'fe-b'],
    [
      ...prepare,
      'rebuild-machine: fe-a, fe-b',
      'restore-certificates: fe-a, fe-b',
      'take-image: fe-a, fe-b',
      ...wizardOn('fe-a, fe-b'),
      'start-server: fe-a, fe-b',
      'check-oauth-certificate: fe',
      'renew-kerberos-account: fe',
      'reset-pool: fe',
      'check-replication: fe-a, fe-b',
    ],
  ],
  [
    'a partner of a mirror, and a Front End: who is rebuilt is not restarted',
    deploymentOf([frontEnds('fe', mirror)]),
    ['fe-b', 'sql02'],
    [
      ...prepare,
      '? check-fabric: fe-b',
      'remove-machine-state [waits]: fe-b',
      String.raw`? find-principal: sql01\rtc`,
      String.raw`fail-over-mirror [principal-lost]: sql01\rtc`,
      String.raw`point-pool-at-survivor [principal-lost]: sql01\rtc`,
      String.raw`uninstall-mirror: sql01\rtc`,
      'rebuild-machine: sql02, fe-b',
      'install-sql-server: sql02',
      'restore-certificates: fe-b',
      'take-image: sql02, fe-b',
      ...wizardOn('fe-b'),
      'start-server: fe-b',
      'check-oauth-certificate: fe',
      'renew-kerberos-account: fe',
      'check-replication: fe-b',
      String.raw`create-mirror: sql01\rtc`,
      String.raw`swap-partners-in-git [principal-lost]: sql01\rtc`,
      'restart-front-ends: fe',
    ],
  ],
  [
    'one database of a Standard Edition server that lives, and a Back End',
    deploymentOf([ee, se]),
    [String.raw`se01.contoso.com\rtc/rtcxds`, 'sql01'],
    [
      ...prepare,
      'rebuild-machine: sql01',
      'install-sql-server: sql01',
      'take-image: sql01',
      'download-topology: contoso',
      String.raw`create-databases: sql01\rtc`,
      'create-local-databases: se01',
      String.raw`update-databases: se01, sql01\rtc`,
      ...usersOf('fe, se01'),
      'merge-one-user: fe, se01',
    ],
  ],
  [
    'xds and lis of a server that lives: no other database of it is deleted',
    deploymentOf([ee], rtc),
    [String.raw`sql01.contoso.com\rtc/lis`, String.raw`sql01.contoso.com\rtc/xds`],
    [
      ...prepare,
      'save-local-replica: contoso',
      String.raw`create-central-management-store: sql01\rtc`,
      String.raw`point-directory: sql01\rtc`,
      '? choose-configuration: contoso',
      'import-local-replica [from-replica]: contoso',
      'import-configuration [from-set]: contoso',
      'enable-topology: contoso',
      'download-topology: contoso',
      String.raw`update-databases: sql01\rtc`,
      'import-locations: contoso',
    ],
  ],
]

function subjectOf(name: string): string {
  return name.includes('.') ? name : host(name)
}

describe('the order over several losses', () => {
  test.each(cases)('%s', (_, desired, lost, rows) => {
    expect(told(rowsOf(desired, lost.map(subjectOf)))).toEqual(rows)
  })

  test('does not depend on what was asked about first, but for equals', () => {
    const desired = deploymentOf([ee, edge, chat], rtc)
    const lost = ['edge01', 'fe-b', 'sql01'].map(host)
    expect(told(rowsOf(desired, lost))).toEqual(told(rowsOf(desired, lost.toReversed())))
  })

  test('of one loss is its procedure, and one without a procedure adds nothing', () => {
    const always = group(host('ag'), host('n1'), host('n2'))
    const desired = deploymentOf([frontEnds('fe', always)])
    const [loss] = lossesOf([host('fe-a')], desired, () => ({ isLost: () => false, isTakenOver: () => true }))
    const alone = procedureOf(loss!, desired, { copyOf: () => null, isLost: () => false })
    expect(rowsOf(desired, [host('n1'), host('fe-a')])).toEqual(alone)
    expect(rowsOf(desired, [host('n1')])).toEqual([])
  })
})

describe('what waits for what', () => {
  const needs = (rows: readonly Row[], id: string, name: string): string[] => {
    const row = rows.find((one) => isSameRow(one, { id, subject: subjectOf(name) }))
    return row?.needs.map((need) => `${need.id} ${need.subject.replaceAll('.contoso.com', '')}`) ?? []
  }

  test('a member waits for the store of its pool, not for other SQL Servers or machines', () => {
    const rows = rowsOf(deploymentOf([frontEnds('fe', rtc, { stores: { archiving: archive } }), edge]), [
      ...['fe-a', 'sql01', 'sql05', 'edge01'].map(host),
    ])
    expect(needs(rows, 'install-local-store', 'fe-a')).toEqual(
      [String.raw`create-databases sql01\rtc`, 'take-image fe-a'].toReversed(),
    )
    expect(needs(rows, 'start-server', 'fe-a')).toEqual(['apply-updates fe-a', String.raw`update-databases sql01\rtc`])
    expect(needs(rows, 'start-server', 'edge01')).toEqual(['apply-updates edge01'])
    expect(needs(rows, 'check-replication', 'edge01')).toEqual(['start-server edge01'])
  })

  test('the schema of a pool that lost every server is brought by a rebuilt one', () => {
    const rows = rowsOf(deploymentOf([ee]), [host('fe-a'), host('fe-b'), host('sql01')])
    expect(needs(rows, 'update-databases', String.raw`sql01.contoso.com\rtc`)).toEqual([
      'apply-updates fe-a',
      'apply-updates fe-b',
    ])
  })

  test('a mirror waits for the images of its own machines', () => {
    const two = mirrored(host('sql05'), host('sql06'))
    const rows = rowsOf(deploymentOf([frontEnds('fe', rtc, { stores: { archiving: two } }), edge]), [
      ...['sql06', 'sql05', 'edge01'].map(host),
    ])
    const done = new Set<string>()
    const visit = (id: string, subject: string): void => {
      const row = rows.find((one) => isSameRow(one, { id, subject }))
      for (const need of row?.needs ?? []) {
        done.add(`${need.id} ${need.subject}`)
        visit(need.id, need.subject)
      }
    }
    visit('create-mirror', String.raw`sql05.contoso.com\rtc`)
    expect([...done].filter((one) => one.startsWith('take-image')).sort()).toEqual([
      'take-image sql05.contoso.com',
      'take-image sql06.contoso.com',
    ])
  })
})
