import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { EnvironmentRecord } from '../../src/domain/environment-record.ts'
import type { Desired } from '../../src/domain/model.ts'
import type { RecordedItem, SetRecord } from '../../src/sets/record.ts'
import { restoreText as textOf } from '../../src/sets/restore-text.ts'
import { deploymentOf, standardEdition } from '../domain/procedures/deployments.ts'
import { contoso } from '../support/contoso.ts'
import { noServers } from '../support/no-servers.ts'

const item = (kind: RecordedItem['kind'], subject: string): RecordedItem => ({
  ...{ kind, subject, path: `data/${kind}`, outcome: 'ok', bytes: 1 },
})

const record: SetRecord = {
  format: 'holdfast/backup-set/v1',
  id: 'nightly/20260729T020000Z-abcd',
  deployment: 'contoso',
  policy: 'nightly',
  location: 'main',
  unc: '\\\\backup01.contoso.com\\LyncBackup\\nightly\\20260729T020000Z-abcd',
  revision: '1111111111111111111111111111111111111111',
  cause: 'scheduled',
  reason: 'The slot has come.',
  slot: null,
  whole: true,
  required: [],
  software: { name: 'holdfast', version: '0.0.0', node: '24' },
  startedAt: '2026-07-29T02:00:00.000Z',
  finishedAt: '2026-07-29T02:10:00.000Z',
  abandoned: null,
  items: [
    item('file-store', '\\\\fs01.contoso.com\\LyncShare'),
    item('user-data', 'pool02.contoso.com'),
    item('user-data', 'Pool01.contoso.com'),
    item('configuration', 'contoso'),
  ],
  bytes: 4,
  files: 4,
}

test('lists the items by kind and subject, in whatever order they ended', () => {
  const rows = restoreText(record, noServers())
    .split('\n')
    .flatMap((line) => /^\| ([a-z-]+) \| (.*?) \| ok/.exec(line)?.slice(1, 3).join(' ') ?? [])
  expect(rows).toEqual([
    'configuration `contoso`',
    'user-data `Pool01.contoso.com`',
    'user-data `pool02.contoso.com`',
    'file-store `\\\\fs01.contoso.com\\LyncShare`',
  ])
})

const contosoState = await contoso()

function restoreText(one: SetRecord, desired: Desired, environment: EnvironmentRecord | null = null): string {
  return textOf(one, { desired, environment })
}

/** The section of what was lost, without its title. */
function section(text: string, lost: string): string {
  const [, found = ''] = text.split(`### If \`${lost}\` is lost`)
  return found.split(/^##/m)[0] ?? ''
}

test('fault A17: a database with what a restore has to know of it', () => {
  const database: RecordedItem['database'] = {
    ...{ recoveryModel: 'SIMPLE', collation: 'Latin1_General_CI_AS', encryptor: null },
    files: [
      { name: 'LcsCDR', type: 'D', path: "D:\\Cs'Data\\LcsCdr.mdf", bytes: 1 },
      { name: 'LcsCDR_log', type: 'L', path: 'E:\\CsData\\LcsCdr.ldf', bytes: 1 },
    ],
  }
  const text = (more: Partial<typeof database>): string => {
    const one = { ...item('sql-database', 'sql05.contoso.com/LcsCDR'), database: { ...database, ...more } }
    return restoreText({ ...record, items: [one] }, contosoState)
  }
  expect(text({})).toContain('| `sql05.contoso.com/LcsCDR` | SIMPLE | Latin1_General_CI_AS | no | not seen |')
  for (const lost of ['sql05.contoso.com', 'sql05.contoso.com/LcsCDR'])
    expect(section(text({}), lost)).toContain(
      "MOVE N'LcsCDR' TO N'D:\\Cs''Data\\LcsCdr.mdf',\n  MOVE N'LcsCDR_log' TO N'E:\\CsData\\LcsCdr.ldf';",
    )
  expect(text({ encryptor: 'AB12' })).toContain('| **yes**, by `0xAB12` |')
  expect(text({ logShipped: true })).toContain('| no | yes |')
  expect(text({ files: [] })).toContain("MOVE N'<logical name of the data file>'")
})

test('its check for Windows needs no cmdlet later than PowerShell 3.0', () => {
  for (const text of [restoreFormat, restoreSource]) expect(text).not.toMatch(/Get-FileHash/)
})

const restoreSource = readFileSync(new URL('../../src/sets/restore-text.ts', import.meta.url), 'utf8')
const restoreFormat = readFileSync(new URL('../../docs/backup-set-format.md', import.meta.url), 'utf8')

describe('procedures from the rows', () => {
  const pairs = deploymentOf([
    standardEdition('se01', { pairedWith: 'se02.contoso.com' }),
    standardEdition('se02', { pairedWith: 'se01.contoso.com' }),
  ])

  test('every machine, every Front End pool, and what of the set can be lost alone', () => {
    const text = restoreText({ ...record, items: [item('sql-database', 'sql05.contoso.com/LcsCDR')] }, contosoState)
    const titles = [...text.matchAll(/^### If `(.*)` is lost(.*)$/gm)].map(([, name, more]) => `${name}${more}`)
    expect(titles).toHaveLength(26)
    expect(titles.slice(-4)).toEqual([
      'sql13.contoso.com',
      'pool01.contoso.com',
      'pool02.contoso.com',
      'sql05.contoso.com/LcsCDR, and its server lives',
    ])
    expect(text).toContain('| `sql05.contoso.com` | a server of archiving or monitoring data | 1 of 2 items |')
    expect(section(text, 'sql05.contoso.com')).toContain(
      '- sql-database of `sql05.contoso.com/QoEMetrics`: **not in this set.**',
    )
    expect(section(text, 'sql05.contoso.com')).toContain('listed in `current\\nightly.copies.csv` on the share')
  })

  test('faults E1, E2: what a failover makes needless is named as a fork', () => {
    const text = restoreText({ ...record, items: [item('user-data', 'se01.contoso.com')] }, pairs)
    const lines = section(text, 'se01.contoso.com').split('\n')
    const numbered = (title: RegExp): number => Number(/^\d+/.exec(lines.find((line) => title.test(line)) ?? '')?.[0])
    const [failover, imported] = [numbered(/Fail se01.contoso.com over/), numbered(/Import the user data/)]
    const fork = lines.find((line) => line.includes('FORK If the failover worked')) ?? ''
    expect(failover).toBeLessThan(imported)
    expect(fork.match(/\d+/g)).toContain(String(imported))
    expect(lines[lines.findIndex((line) => line.includes('Import the user data')) + 1]).toBe(
      `   - Only if (step ${failover}) there was no failover: user data come back from the set.`,
    )
  })

  test('faults E3, E6: a database is restored before its mirror is made, and chat servers let go of theirs first', () => {
    const text = restoreText(
      { ...record, items: [item('sql-database', String.raw`sql04.contoso.com\chat/mgc`)] },
      contosoState,
    )
    const chat = section(text, 'sql04.contoso.com')
    expect(chat.indexOf('Set-CsPersistentChatActiveServer')).toBeGreaterThan(0)
    expect(chat.indexOf('Set-CsPersistentChatActiveServer')).toBeLessThan(chat.indexOf('RESTORE DATABASE'))
    expect(chat).toContain(
      String.raw`FROM DISK = N'\\backup01.contoso.com\LyncBackup\nightly\20260729T020000Z-abcd\data\sql-database'`,
    )
  })

  test('fault E9: versions, editions, addresses and certificates are those that the set recorded', () => {
    const text = restoreText(record, contosoState, {
      'sql05.contoso.com': { dns: '10.20.0.55', version: '13.0.5026.0', edition: 'Standard Edition (64-bit)' },
      'SE01.contoso.com': {
        externalNames: 'web.contoso.com',
        ...{ dns: 'unknown', patchLevel: '6.0.9319.598' },
        ...{ thumbprint: 'AB12', certificate: 'CN=se01; names se01, sip; CN=CA; until 2027-01-01T00:00:00.000Z' },
        ...{ webInternalThumbprint: 'AB12', webExternalThumbprint: 'CD34', webExternalCertificate: 'unknown' },
      },
    })
    const sql = section(text, 'sql05.contoso.com')
    expect(sql).toContain('under the old name and address (10.20.0.55); reset')
    expect(sql).toContain('same version or newer (sql05.contoso.com: 13.0.5026.0, Standard Edition (64-bit))')
    const standard = section(text, 'se01.contoso.com')
    expect(standard).toContain('under the old name; reset')
    expect(standard).toContain(
      'private keys (listener, internal web services: thumbprint AB12 for CN=se01; names se01, sip; CN=CA; until 2027-01-01T00:00:00.000Z. external web services: thumbprint CD34. names for the outside: web.contoso.com): ',
    )
    expect(standard).toContain('cumulative update that gives it the recorded version 6.0.9319.598; media')
  })

  test('fault E10: one user comes back alone', () => {
    expect(restoreText(record, contosoState)).toContain(
      String.raw`Update-CsUserData -FileName '\\backup01.contoso.com\LyncBackup\nightly\20260729T020000Z-abcd\data\user-data' -UserFilter '<user@domain>'`,
    )
  })

  test('nothing in it needs the program that made the set, and it reads as plain text', () => {
    const text = restoreText(record, contosoState)
    expect(text).not.toMatch(/holdfast/i)
    expect(text).not.toMatch(/\\[_*<>|#]/)
  })

  test('a deployment of thousands of servers has the first procedures, and the names of the others', () => {
    const many = deploymentOf(
      Array.from({ length: 900 }, (_, at) => standardEdition(`se${String(at).padStart(3, '0')}`)),
    )
    const text = restoreText(record, many)
    expect(text.match(/^### If /gm)).toHaveLength(200)
    expect(text).toContain('Left out, for there are too many: `se200.contoso.com`, `se201.contoso.com`')
  })
})
