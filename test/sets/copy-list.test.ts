import { expect, test } from 'vitest'
import type { ItemOutcome } from '../../src/domain/backup-set.ts'
import type { Item } from '../../src/domain/words.ts'
import { copyList, countCopies } from '../../src/sets/copy-list.ts'
import { summarise } from '../../src/sets/summary.ts'
import { backupSet } from '../store/samples.ts'

const now = '2026-07-30T12:00:00.000Z'
const store: Item = { kind: 'file-store', subject: '\\\\fs01.contoso.com\\LyncShare' }
const users: Item = { kind: 'user-data', subject: 'pool01.contoso.com' }
const odd: Item = { kind: 'sql-database', subject: 'sql01.contoso.com\\rtc/a"b' }
const ok = (item: Item, path: string): ItemOutcome => ({ ...item, path, outcome: 'ok', bytes: 1 })

const made = (folder: string, startedAt: string, items: ItemOutcome[]) => {
  const base = backupSet(folder)
  const required = items.map(({ kind, subject }) => ({ kind, subject }))
  return { ...base, ...{ startedAt, required, items, verifications: [] } }
}
const older = made('20260728T020000Z-aaaa', '2026-07-28T02:00:00.000Z', [
  ok(store, 'data/file-stores/fs01'),
  ok(users, 'data/pools/pool01/user-data.zip'),
])
const gaps: ItemOutcome = {
  ...ok(store, 'data/file-stores/fs01'),
  ...{ outcome: 'suspect', doubt: 'incomplete', notTaken: { denied: { count: 2, names: ['a', 'b'] } } },
}
const newer = {
  ...made('20260729T020000Z-bbbb', '2026-07-29T02:00:00.000Z', [gaps, ok(odd, 'data/sql/a=22b.bak')]),
  state: 'partial' as const,
}
const known = [newer, older]

const list = (items: Item[]): string[] =>
  copyList(items, { known, summaries: summarise(known) }, now)
    .split('\r\n')
    .map((line) => line.replaceAll('\ufeff', ''))

test('each item has the path of its newest usable copy, and what is missing in it', () => {
  expect(list([store, users, odd])).toEqual([
    '"Kind","Subject","Taken","Missing","Path","Set"',
    `"file-store","${store.subject}","2026-07-29T02:00:00.000Z","2 files","${newer.unc}\\data\\file-stores\\fs01","${newer.id}"`,
    `"user-data","pool01.contoso.com","2026-07-28T02:00:00.000Z","","${older.unc}\\data\\pools\\pool01\\user-data.zip","${older.id}"`,
    `"sql-database","sql01.contoso.com\\rtc/a""b","2026-07-29T02:00:00.000Z","","${newer.unc}\\data\\sql\\a=22b.bak","${newer.id}"`,
    '',
  ])
})

test('an item without a copy is in it, and says so', () => {
  expect(list([{ kind: 'call-park', subject: 'pool01.contoso.com' }])[1]).toBe(
    '"call-park","pool01.contoso.com","","no usable copy","",""',
  )
})

test('it is read back as how many items are in each set; anything else is no row', () => {
  const items: Item[] = [store, users, odd, { kind: 'call-park', subject: 'pool01.contoso.com' }]
  const text = copyList(items, { known, summaries: summarise(known) }, now)
  expect(countCopies(text)).toEqual({ [newer.id]: 2, [older.id]: 1, '': 1 })
  expect(countCopies('\u0000\r\nrubbish\r\n"a","__proto__"\r\n')).toEqual({ ['__proto__']: 1 })
  expect(countCopies('')).toEqual({})
})
