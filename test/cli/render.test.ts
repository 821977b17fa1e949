import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../src/cli/main.ts'
import { differenceInWords } from '../../src/cli/difference-text.ts'
import { escapeMarkdown, markdownTable } from '../../src/cli/markdown.ts'
import { planInWords } from '../../src/cli/plan-text.ts'
import { describeSet, painter, relativeTime, summariseSet } from '../../src/cli/render.ts'
import { paragraph, table, withoutControls } from '../../src/cli/table.ts'
import type { BackupSet } from '../../src/domain/backup-set.ts'
import { difference } from '../../src/plan/difference/difference.ts'
import { plan } from '../../src/plan/plan.ts'
import { planView } from '../../src/views/plan.ts'
import { desiredState, policy, pool, schedule } from '../support/desired.ts'
import { memory, notSeen, summary, world } from '../support/observed.ts'

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

  it('lets nothing through that turns the direction of writing, into Markdown neither', () => {
    const text = 'by\u202eenaJ\u2066x\u001b[31m'
    expect(table(['A'], [[text]])).toBe('A\nby enaJ x [31m\n')
    expect(escapeMarkdown(text)).toBe(String.raw`by enaJ x \[31m`)
    expect(markdownTable(['A'], [[text]])).toContain(String.raw`| by enaJ x \[31m |`)
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

  const blind = world([], { location: new Map([['main', notSeen('main', 'no route')]]) })

  it('tells what a pull request changes', () => {
    const view = planView(plan(head, world(), memory(), now), difference(base, head, world(), now))
    const text = planInWords(view, context('markdown'))
    expect(text).toContain(`## Holdfast plan for 222222222222

Against 111111111111: This change adds 1 item to nightly, moves the next run of nightly from 02:00 to 04:00 UTC and adds the pool se02.contoso.com.

\`\`\`diff
+ pool se02.contoso.com
+ user-data of se02.contoso.com, in nightly
~ nightly: schedule 0 2 * * * UTC -> 0 4 * * * UTC
~ nightly: next run 2026-03-11 02:00 UTC -> 2026-03-11 04:00 UTC
\`\`\`
`)
    expect(text).toContain('| create-backup-set | nightly | scheduled | 6 | There is no set of this policy yet. |')
    for (const line of planInWords(view, context('text')).split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80)
  })

  it('tells each row in words', () => {
    const view: Parameters<typeof differenceInWords>[0] = {
      revision: base.revision,
      summary: 'S.',
      added: [{ what: 'policy', subject: 'often', after: '4 items, never runs' }],
      removed: [
        { what: 'sql-store', subject: 'sql01' },
        { what: 'item', kind: 'user-data', subject: 'p1', policy: 'nightly', orphaned: true },
        { what: 'item', kind: 'user-data', subject: 'p2', policy: 'nightly', stillIn: ['hourly', 'often'] },
        { what: 'item', kind: 'sql-database', subject: 'sql01/mgc', policy: 'nightly', stillIn: ['nightly'] },
      ],
      changed: [
        { what: 'pool', subject: 'p1', field: 'servers', before: 'a, b', after: 'b, c', gained: ['c'], lost: ['a'] },
        {
          what: 'retention',
          subject: 'nightly',
          policy: 'nightly',
          before: 'daily 7, only shown',
          after: 'only shown',
        },
        { what: 'run', subject: 'nightly', policy: 'nightly', before: now, after: 'never' },
      ],
      expired: [
        { policy: 'nightly', set: 'nightly/1', enforced: true },
        { policy: 'nightly', set: 'nightly/2', enforced: false },
      ],
      notSeen: ['main', 'second'],
    }
    const text = differenceInWords(view, context('text'))
    expect(text.split('\n')).toEqual([
      'Against 111111111111: S.',
      '',
      'Not seen from here: the shares of main, second. What is due now and which sets',
      'would expire is therefore not known.',
      '',
      '+ policy often: 4 items, never runs',
      '- SQL store sql01',
      '- user-data of p1: nobody backs it up any more (nightly did)',
      '- user-data of p2: no longer in nightly, still in hourly, often',
      '- sql-database of sql01/mgc: nightly backs it up in another way',
      '- set nightly/1: no rule keeps it any more',
      '- set nightly/2: no rule keeps it any more; it stays, because the retention is',
      '  not enforced',
      '~ pool p1: servers + c, - a',
      '~ nightly: retention - daily 7',
      '~ nightly: next run 2026-03-10 12:00 UTC -> never',
      '',
      '',
    ])
    const coloured = differenceInWords(view, { output: 'text', terminal: terminal(true) })
    expect(coloured).toContain('\u001b[32m+ policy often: 4 items, never runs\u001b[39m\n')
    expect(coloured).toContain('\u001b[31m- SQL store sql01\u001b[39m\n')
    expect(coloured).toContain('\u001b[33m~ pool p1: servers + c, - a\u001b[39m\n')
  })

  it('lets nothing out of the list in Markdown', () => {
    const added = [{ what: 'pool', subject: 'x\n```\n@team' }]
    const view = { revision: 'r', summary: '<b>', added, removed: [], changed: [], expired: [], notSeen: [] }
    expect(differenceInWords(view, context('markdown'))).toBe(
      'Against r: \\<b\\>\n\n```diff\n+ pool x ``` @team\n```\n\n',
    )
  })

  it('says so when it changes nothing, and when nothing is due', () => {
    const done = world([summary('2026-03-10T02:00:00.000Z', { slot: '2026-03-10T02:00:00.000Z' })])
    const text = planInWords(
      planView(plan(base, done, memory(), now), difference(base, base, done, now)),
      context('text'),
    )
    expect(text).toContain('Against 111111111111: This change touches no resource, run, item or retention.')
  })

  it('tells of a change where no share is in reach, in one line for all that could not be seen', () => {
    const text = planInWords(
      planView(plan(head, blind, memory(), now), difference(base, head, blind, now)),
      context('text'),
    )
    expect(text).toContain('+ pool se02.contoso.com\n')
    expect(text).toContain('Not seen from here: the share of main. What is due now and which sets would')
    expect(text).not.toMatch(/Nothing is due|Refused|Bring the share|LocationReady/)
  })

  it('tells what is refused, with what to do, and what is not as promised', () => {
    const text = planInWords(planView(plan(base, blind, memory(), now), null), context('text'))
    expect(text).toMatch(/GUARD +WHY +WHAT TO DO\nlocation-unreachable/)
    expect(text).toMatch(/main +LocationReady +Unreachable +no route/)
  })
})
