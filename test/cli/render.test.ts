import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../src/cli/main.ts'
import { markdownTable } from '../../src/cli/markdown.ts'
import { planInWords } from '../../src/cli/plan-text.ts'
import { describeSet, painter, relativeTime, summariseSet } from '../../src/cli/render.ts'
import { paragraph, table, withoutControls } from '../../src/cli/table.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import { difference } from '../../src/plan/difference/difference.ts'
import { plan } from '../../src/plan/plan.ts'
import { planView } from '../../src/views/plan.ts'
import { desiredState, policy, pool, schedule } from '../support/desired.ts'
import { memory, notSeen, world } from '../support/observed.ts'

const now = '2026-03-10T12:00:00.000Z'
const terminal = (interactive: boolean, env = {}) => ({
  out: () => {},
  err: () => {},
  interactive,
  columns: 80,
  cwd: '/',
  env,
  signal: new AbortController().signal,
})

describe('a table', () => {
  it('sets columns side by side', () => {
    expect(
      table(
        ['A', 'BB'],
        [
          ['1', 'x'],
          ['22', ''],
        ],
      ),
    ).toBe('A   BB\n1   x\n22\n')
  })

  it('lets wide cells go on in the next line, at spaces where there are any', () => {
    expect(table(['NAME', 'TEXT'], [['abcdefghijkl', 'one two three four']], 20)).toBe(
      [
        'NAME          TEXT',
        'abcdefghijkl  one',
        '              two',
        '              three',
        '              four',
        '',
      ].join('\n'),
    )
  })

  it('fault A14: never cuts what must be copied: other columns give way, and go below where they cannot', () => {
    const set = 'configuration-nightly/20260310T020000Z-abcd'
    const row = [set, 'sql-database', 'sql05.contoso.com/LcsCDR', 'a copy of yesterday']
    expect(table(['SET', 'ITEM', 'SUBJECT', 'WHY'], [row], 100)).toBe(
      [
        'SET                                          ITEM          SUBJECT                   WHY',
        `${set}  sql-database  sql05.contoso.com/LcsCDR  a copy of`,
        `${' '.repeat(85)}yesterday`,
        '',
      ].join('\n'),
    )
    expect(table(['SET', 'ITEM', 'SUBJECT', 'WHY'], [row], 60)).toBe(
      [
        'SET                                          ITEM',
        '    SUBJECT',
        '    WHY',
        `${set}  sql-database`,
        '    sql05.contoso.com/LcsCDR',
        '    a copy of yesterday',
        '',
      ].join('\n'),
    )
    expect(table(['SET', 'STATE'], [[set, 'partial']], 20)).toBe(`SET\n    STATE\n${set}\n    partial\n`)
  })

  it('fault A14: takes the room that the terminal has', () => {
    const row = ['nightly/20260310T020000Z-abcd', 'The share has been unreachable since yesterday evening.']
    expect(table(['SET', 'WHY'], [row], 80).split('\n')).toHaveLength(4)
    expect(table(['SET', 'WHY'], [row], 120).split('\n')).toHaveLength(3)
  })

  it('is as wide as its room at most, and loses nothing, where every word fits', () => {
    const word = fc.oneof(fc.string({ maxLength: 15 }), fc.string({ unit: 'grapheme', maxLength: 7 }))
    const cell = fc.array(word, { maxLength: 9 }).map((words) => words.join(' '))
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 5 }), (rows) => {
        const text = table(['A', 'B', 'C', 'D'], rows)
        for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80)
        for (const given of rows.flat().flatMap((one) => withoutControls(one).split(' '))) expect(text).toContain(given)
      }),
    )
  })

  it('lets no control character through to the terminal', () => {
    expect(table(['A'], [['x\u001b[31my\u0007\u009bz']])).toBe('A\nx [31my z\n')
  })

  it('is nothing without rows', () => {
    expect(table(['A'], [])).toBe('')
    expect(markdownTable(['A'], [])).toBe('')
  })
})

it('a paragraph breaks between words, and leaves a path whole', () => {
  const path = String.raw`\\backup01.contoso.com\LyncBackup\nightly\LcsCDR.bak`
  expect(paragraph(`It is not  at\n${path} any more.`, 20)).toEqual(['It is not at', path, 'any more.'])
  expect(paragraph('', 20)).toEqual([''])
})

it.each([
  [true, 132, 132],
  [true, 400, 160],
  [true, 0, 80],
  [false, 132, 80],
])('a terminal (%s) of %s columns has room for %s', (isTTY, columns, room) => {
  expect(columnsOf({ isTTY, columns })).toBe(room)
})

it('Markdown takes text from outside as text', () => {
  const text = '| <img src=x> [a](b) *b* _c_ `d` @team #1 !x \\\\fs01\\Share\nnext'
  expect(markdownTable(['A'], [[text]])).toBe(
    '| A |\n| --- |\n| \\| \\<img src=x\\> \\[a\\](b) \\*b\\* \\_c\\_ \\`d\\` &#64;team \\#1 \\!x \\\\\\\\fs01\\\\Share next |\n',
  )
})

it.each([
  ['2026-03-10T12:00:05.000Z', 'just now'],
  ['2026-03-10T11:59:30.000Z', '30 s ago'],
  ['2026-03-10T11:55:00.000Z', '5 min ago'],
  ['2026-03-10T15:30:00.000Z', 'in 3 h'],
  ['2026-03-08T11:00:00.000Z', '2 d ago'],
])('%s is %s', (time, text) => {
  expect(relativeTime(time, now)).toBe(text)
})

it('paints only on a terminal that wants it', () => {
  expect(painter(terminal(true))('bold', 'x')).toBe('\u001b[1mx\u001b[22m')
  expect(painter(terminal(true, { NO_COLOR: '1' }))('bold', 'x')).toBe('x')
  expect(painter(terminal(false))('bold', 'x')).toBe('x')
})

describe('a set', () => {
  const users = { kind: 'user-data', subject: 'pool01.contoso.com' } as const
  const database = { kind: 'sql-database', subject: 'sql05.contoso.com/LcsCDR' } as const
  const path = `\\\\backup01.contoso.com\\LyncBackup\\${'nightly\\'.repeat(8)}LcsCDR.bak`
  const why = `The server said no.\u0007 ${'Long words of a server. '.repeat(3)}${path} [sql-failed]`
  const set: BackupSet = {
    id: 'nightly/20260310T020000Z-abcd',
    policy: 'nightly',
    location: 'main',
    path: '/mnt/x',
    unc: '\\\\backup01.contoso.com\\x',
    revision: 'r1',
    cause: 'manual',
    slot: null,
    whole: true,
    required: [users, database],
    items: [
      { ...database, path: 'data/y', outcome: 'failed', bytes: 0, message: why },
      { ...users, path: 'data/x', outcome: 'ok', bytes: 2048 },
    ],
    state: 'partial',
    startedAt: now,
    finishedAt: now,
    bytes: 2048,
    files: 1,
    verifications: [],
  }
  const head = ['nightly/20260310T020000Z-abcd is partial: 1 of 2 items ok, 1 file, 2.0 KiB', '/mnt/x', '']
  const wrong = [
    'failed: sql-database of sql05.contoso.com/LcsCDR',
    '    The server said no. Long words of a server. Long words of a server. Long',
    '    words of a server.',
    `    ${path}`,
    '    [sql-failed]',
  ]

  it('is described by its items in the order of what is required, and by what is wrong', () => {
    expect(describeSet(set, 80).split('\n')).toEqual([
      ...head,
      'ITEM          SUBJECT                   OUTCOME  SIZE',
      'user-data     pool01.contoso.com        ok       2.0 KiB',
      'sql-database  sql05.contoso.com/LcsCDR  failed   0 B',
      '',
      ...wrong,
    ])
  })

  it('is summarised by what is wrong alone', () => {
    expect(summariseSet(set).split('\n')).toEqual([...head, ...wrong])
    const whole = { ...set, required: [users], items: set.items.slice(1), state: 'complete' as const }
    expect(summariseSet(whole)).toBe(
      'nightly/20260310T020000Z-abcd is complete: 1 of 1 item ok, 1 file, 2.0 KiB\n/mnt/x',
    )
  })
})

describe('a plan in words', () => {
  const base = desiredState()
  const head = desiredState({
    revision: '2222222222222222222222222222222222222222',
    pools: [...base.pools, pool('se02.contoso.com', 'standard-edition')],
    policies: [policy('nightly', { schedule: schedule('0 4 * * *') })],
  })
  const context = (output: 'text' | 'markdown') => ({ configFile: '/x', output, terminal: terminal(false) })

  it('tells what a pull request changes', () => {
    const view = planView(plan(head, world(), memory(), now), difference(base, head, [], now))
    const text = planInWords(view, context('markdown'))
    expect(text).toContain('## Holdfast plan for 222222222222')
    expect(text).toContain('| user-data | se02.contoso.com | nightly |')
    expect(text).toContain('| run | nightly | 2026-03-11T02:00:00.000Z | 2026-03-11T04:00:00.000Z |')
    expect(text).toContain('| create-backup-set | nightly | scheduled | 5 | There is no set of this policy yet. |')
    for (const line of planInWords(view, context('text')).split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80)
  })

  it('says so when it changes nothing, and when nothing is due', () => {
    const view = planView(
      plan(base, world([], { location: new Map() }), memory(), now),
      difference(base, base, [], now),
    )
    const text = planInWords(view, context('text'))
    expect(text).toContain('No change in runs, items and retention against 111111111111.')
    expect(text).toContain('Nothing is due now.')
  })

  it('tells what is refused, with what to do, and what is not as promised', () => {
    const gone = world([], { location: new Map([['main', notSeen('main', 'no route')]]) })
    const text = planInWords(planView(plan(base, gone, memory(), now), null), context('text'))
    expect(text).toMatch(/GUARD +WHY +WHAT TO DO\nlocation-unreachable/)
    expect(text).toMatch(/main +LocationReady +Unreachable +no route/)
  })
})
