import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { RecordedItem, SetRecord } from '../../src/sets/record.ts'
import { restoreText } from '../../src/sets/restore-text.ts'

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
  const rows = restoreText(record)
    .split('\n')
    .flatMap((line) => /^\| ([a-z-]+) \| (.*?) \| ok/.exec(line)?.slice(1, 3).join(' ') ?? [])
  expect(rows).toEqual([
    'configuration `contoso`',
    'user-data `Pool01.contoso.com`',
    'user-data `pool02.contoso.com`',
    'file-store `\\\\fs01.contoso.com\\LyncShare`',
  ])
})

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
    return restoreText({ ...record, items: [one] })
  }
  expect(text({})).toContain('Recovery model SIMPLE, collation Latin1_General_CI_AS. Re-create')
  expect(text({})).toContain(
    "MOVE N'LcsCDR' TO N'D:\\Cs''Data\\LcsCdr.mdf',\n  MOVE N'LcsCDR_log' TO N'E:\\CsData\\LcsCdr.ldf';",
  )
  expect(text({ encryptor: 'AB12' })).toContain(
    '**It is encrypted (TDE)**: without the certificate of thumbprint `0xAB12`',
  )
  expect(text({ logShipped: true })).toContain('set log shipping up again')
  expect(text({ files: [] })).toContain("MOVE N'<logical name of the data file>'")
})

test('its check for Windows needs no cmdlet later than PowerShell 3.0', () => {
  for (const text of [restoreFormat, restoreSource]) expect(text).not.toMatch(/Get-FileHash/)
})

const restoreSource = readFileSync(new URL('../../src/sets/restore-text.ts', import.meta.url), 'utf8')
const restoreFormat = readFileSync(new URL('../../docs/backup-set-format.md', import.meta.url), 'utf8')

test('faults E1, E2, E10: after a failover nothing is made anew or imported; one user comes back alone', () => {
  const text = restoreText(record)
  const section = (title: string): string => text.split(/^## /m).find((one) => one.startsWith(title)) ?? ''
  expect(section('Central Management store')).toContain('do nothing of this section')
  expect(section('User data')).toContain('do not import')
  expect(section('User data')).toContain(
    String.raw`Update-CsUserData -FileName '\\backup01.contoso.com\LyncBackup\nightly\20260729T020000Z-abcd\data\user-data' -UserFilter '<user@domain>'`,
  )
})

test('faults E3, E6: a database is restored before a mirror or a group has it, and chat servers let go of theirs first', () => {
  const text = (subject: string): string => restoreText({ ...record, items: [item('sql-database', subject)] })
  expect(text('sql05.contoso.com/LcsCDR')).toContain('this comes before either is set up')
  expect(text('sql05.contoso.com/LcsCDR')).not.toContain('Set-CsPersistentChatActiveServer')
  expect(text('sql04.contoso.com\\chat/mgc')).toContain('Set-CsPersistentChatActiveServer')
})
