import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { publishedShapes } from '../../src/views/published.ts'
import type { StoryView } from '../../src/views/story/shape.ts'
import { holdfast } from '../support/terminal.ts'
import { TestClock } from '../support/test-clock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-story-'))
  const config = 'git: { url: ./repository.git, branch: main, path: . }\nstate: ./state.db\n'
  writeFileSync(join(folder, 'holdfast.yaml'), config)
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const server = 'sql05.contoso.com'
const database = `${server}/LcsCDR`
const of = `recovery july, server ${server}`
const set = 'nightly/20260310T020000Z-abcd'

/** Entries as the daemon writes them, a minute after each other from 12:00 on. */
function journalled(...entries: (readonly [type: string, subject: string, message: string, actor?: string])[]): void {
  const clock = new TestClock('2026-03-10T12:00:00.000Z')
  using store = openStore(join(folder, 'state.db'), 'act', clock)
  for (const [type, subject, message, actor = 'holdfast'] of entries) {
    store.journal.append({ actor, cause: 'observed', revision: 'a1b2c3d4e5f6a7b8', type, subject, message })
    clock.jump(60)
  }
}

const whole = [
  ['flag-opened', server, 'archiving-monitoring: It does not answer.'],
  ['action-done', 'nightly', 'create-backup-set: done, set nightly/x'],
  [
    'recovery-declared',
    server,
    `${of}, scenario archiving-monitoring, from latest, run holdfast, since 2026-03-10T11:45:00.000Z, author "Ada Smith", committed 2026-03-10T12:01:30.000Z: Restore sql05`,
  ],
  [
    'recovery-accepted',
    server,
    `${of}, author "Ada Smith", what rows-since-rebuild, of ${database}, by "Jane Doe", as-of 2026-03-10T12:01:00.000Z: an hour of calls`,
  ],
  [
    'step-done',
    server,
    `${of}, since 2026-03-10T11:59:00.000Z, step rebuild-machine, title "Build it", how seen: It answers.`,
  ],
  [
    'step-done',
    server,
    `${of}, since 2026-03-10T12:05:00.000Z, author "Ada Smith", step take-image, title "Take an image", how said, by "Jane Doe", as-of 2026-03-10T12:04:00.000Z: Jane Doe says so.`,
  ],
  ['step-refused', database, `${of}, step restore-databases, title "Restore", gate database-missing: It is not there.`],
  [
    'action-failed',
    database,
    `recovery-step: ${of}, step restore-databases, outcome failed, took 30, set ${set}: No room.`,
  ],
  [
    'action-done',
    database,
    `recovery-step: ${of}, step restore-databases, outcome done, took 754, set ${set}, bytes 1048576, count "rows 55": restored; 55 rows`,
    'CONTOSO\\jane',
  ],
  [
    'step-done',
    database,
    `${of}, since 2026-03-10T12:09:00.000Z, step restore-databases, title Restore, how ran: Holdfast ran it: restored; 55 rows`,
  ],
  ['flag-closed', server, 'archiving-monitoring: It is no longer flagged; it was since 2026-03-10T11:45:00.000Z.'],
  ['recovery-closed', server, `${of}, left "watch-server of ${server}"`],
  [
    'action-done',
    database,
    'recovery-step: recovery other, server other.contoso.com, step restore-databases: no part of it',
  ],
] as const

async function story(name = 'july'): Promise<StoryView> {
  const { code, err, json } = await holdfast(folder, 'audit', 'story', name, '--output', 'json')
  expect(code, err).toBe(0)
  return publishedShapes['audit-story'].parse(json())
}

describe('holdfast audit story', () => {
  test('is the whole story of a recovery, and nothing else', async () => {
    journalled(...whole)
    const { losses, recovery } = await story('July')
    expect(recovery).toBe('july')
    expect(losses).toHaveLength(1)
    expect(losses[0]).toMatchObject({
      ...{ server, scenario: 'archiving-monitoring', lostSince: '2026-03-10T11:45:00.000Z' },
      flag: { at: '2026-03-10T12:00:00.000Z', message: 'archiving-monitoring: It does not answer.' },
      merged: [{ author: 'Ada Smith', message: 'Restore sql05', run: 'holdfast', from: 'latest' }],
      accepted: [{ what: 'rows-since-rebuild', of: database, fact: null, by: 'Jane Doe', author: 'Ada Smith' }],
      refused: [{ step: 'restore-databases', gates: ['database-missing'], message: 'It is not there.' }],
      ended: { how: 'closed', by: null },
      flagClosed: { at: '2026-03-10T12:10:00.000Z' },
      seconds: 25 * 60,
      journal: { first: 1, last: 12 },
    })
    expect(losses[0]?.steps.map(({ step, state }) => [step, state])).toEqual([
      ['rebuild-machine', 'done'],
      ['take-image', 'done'],
      ['restore-databases', 'done'],
      ['watch-server', 'left'],
    ])
    expect(losses[0]?.steps[1]?.changes).toMatchObject([{ how: 'said', by: 'Jane Doe', author: 'Ada Smith' }])
    expect(losses[0]?.runs).toMatchObject([
      { outcome: 'failed', seconds: 30, message: 'No room.', askedBy: 'holdfast', counts: {} },
      { outcome: 'done', seconds: 754, set, bytes: 1_048_576, counts: { rows: 55 }, askedBy: 'CONTOSO\\jane' },
    ])
  })

  test('tells what was done after the flag had closed, and that it was finished then', async () => {
    const of = `recovery july, server ${server}`
    journalled(
      ...whole,
      ['step-done', server, `${of}, since 2026-03-10T13:00:00.000Z, step watch-server, title Watch, how said, by Jane`],
      ['recovery-finished', server, `${of}, by Jane, as-of 2026-03-10T13:05:00.000Z: all is well`],
    )
    const [loss] = (await story()).losses
    expect(loss?.steps.at(-1)).toMatchObject({ step: 'watch-server', state: 'done' })
    expect(loss?.ended).toMatchObject({ how: 'finished', by: 'Jane', note: 'all is well' })
    expect(loss?.journal).toEqual({ first: 1, last: 15 })
  })

  test('is Markdown for the incident ticket', async () => {
    journalled(...whole)
    const { code, out } = await holdfast(folder, 'audit', 'story', 'july')
    expect(code).toBe(0)
    for (const line of [
      '# Recovery july',
      '- Lost since: 2026-03-10 11:45:00 UTC',
      '- Declared: 2026-03-10 12:02:00 UTC by Ada Smith',
      '- From the loss until the flag closed: 25 min',
      '- Steps run by Holdfast: 2, 1 of them in vain',
      '| 2026-03-10 12:02:00 UTC | a1b2c3d4e5f6 | Ada Smith | Restore sql05 | holdfast | latest |',
      `| 2026-03-10 12:03:00 UTC | rows-since-rebuild | ${database} | Jane Doe (the file was last changed by Ada Smith) | 2026-03-10 12:01:00 UTC | an hour of calls |`,
      `| 2026-03-10 12:08:00 UTC | restore-databases | ${database} | done, asked for by CONTOSO\\\\jane | 12 min 34 s | ${set}, 1.0 MiB | rows: 55 | restored; 55 rows |`,
      `| 2026-03-10 11:59:00 UTC | rebuild-machine: Build it | ${server} | done | seen | It answers. |`,
      `- watch-server of ${server}`,
    ])
      expect(out).toContain(`${line}\n`)
  })

  test('of what somebody wrote shows the text, and obeys none of it', async () => {
    const evil = String.raw`x | <img src=x> [a](http://b) @all \u001b[2J`
    journalled(
      ['flag-opened', server, `archiving-monitoring: ${evil}`],
      [
        'recovery-declared',
        server,
        `${of}, since 2026-03-10T11:45:00.000Z, author ${JSON.stringify('**Ada** | \u001b[2J<b>')}: ${evil}`,
      ],
    )
    const { out } = await holdfast(folder, 'audit', 'story', 'july')
    expect(out).not.toContain('\u001b')
    expect(out).not.toMatch(/(?<!\\)<|@all|\*\*Ada|\[a\]\(/)
    expect(out).toContain(String.raw`\*\*Ada\*\* \| \[2J\<b\>`)
  })

  test('that an older version left gaps in says so', async () => {
    journalled(
      ['flag-opened', server, 'archiving-monitoring: It does not answer.'],
      ['recovery-declared', server, of],
      ['action-done', database, `recovery-step: done, set ${set}: 55 rows`],
    )
    const { losses } = await story()
    expect(losses[0]).toMatchObject({
      ...{ scenario: null, lostSince: null, seconds: null, ended: null, flagClosed: null },
      merged: [{ author: null, run: null, from: null }],
      runs: [{ step: null, seconds: null, set: null, message: `done, set ${set}: 55 rows` }],
    })
    const { out } = await holdfast(folder, 'audit', 'story', 'july')
    expect(out).toContain('- Declared: 2026-03-10 12:01:00 UTC by not recorded\n')
    expect(out).toContain('- Flag closed: it is still open\n')
    expect(out).toContain(`| 2026-03-10 12:02:00 UTC | not recorded | ${database} | done | not recorded |`)
  })

  test('of a Recovery that was declared for two losses tells both', async () => {
    journalled(...whole.slice(0, 12), ...whole.slice(0, 3))
    const { losses } = await story()
    expect(losses.map(({ ended, journal }) => [ended?.how ?? null, journal])).toEqual([
      ['closed', { first: 1, last: 12 }],
      [null, { first: 13, last: 15 }],
    ])
  })

  test('of an unknown one ends 2, and says which there are', async () => {
    journalled(...whole)
    const unknown = await holdfast(folder, 'audit', 'story', 'june')
    expect(unknown).toMatchObject({ code: 2, out: '' })
    expect(unknown.err).toContain('[recovery-not-told]')
    expect(unknown.err).toContain('july')
  })

  test('before anything was done there is none', async () => {
    const { code, err } = await holdfast(folder, 'audit', 'story', 'july')
    expect(code).toBe(2)
    expect(err).toContain('[recovery-not-told]')
  })
})
