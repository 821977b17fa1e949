import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { RecordedItem, SetRecord } from '../../src/sets/record.ts'
import { restoreText } from '../../src/sets/restore-text.ts'

const item = (kind: RecordedItem['kind'], subject: string): RecordedItem => ({
  ...{ kind, subject, path: `data/${kind}`, outcome: 'ok', bytes: 1 },
})

test('lists the items by kind and subject, in whatever order they ended', () => {
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

test('its check for Windows needs no cmdlet later than PowerShell 3.0', () => {
  for (const text of [restoreFormat, restoreSource]) expect(text).not.toMatch(/Get-FileHash/)
})

const restoreSource = readFileSync(new URL('../../src/sets/restore-text.ts', import.meta.url), 'utf8')
const restoreFormat = readFileSync(new URL('../../docs/backup-set-format.md', import.meta.url), 'utf8')
