import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { publishedShapes } from '../../src/views/published.ts'
import { holdfast } from '../support/terminal.ts'
import { TestClock } from '../support/test-clock.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-'))
  writeFileSync(
    join(folder, 'holdfast.yaml'),
    'git: { url: ./repository.git, branch: main, path: . }\nstate: ./state.db\n',
  )
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function journalled(count: number): void {
  using store = openStore(join(folder, 'state.db'), 'act', new TestClock('2026-07-29T12:00:00.000Z'))
  const common = { actor: 'CONTOSO\\ada', cause: 'manual', revision: 'a1', type: 'action-started', subject: 'nightly' }
  for (let index = 1; index <= count; index++) store.journal.append({ ...common, message: `entry ${index}` })
}

/** One entry an hour, from noon on. */
function happened(): void {
  const clock = new TestClock('2026-07-29T12:00:00.000Z')
  using store = openStore(join(folder, 'state.db'), 'act', clock)
  const common = { actor: 'holdfast', cause: 'observed', revision: 'a1', message: 'It happened.' }
  for (const [type, subject] of [
    ['finding-opened', 'fe01.contoso.com'],
    ['finding-opened', 'fe02.contoso.com'],
    ['finding-closed', 'FE01.contoso.com'],
    ['action-started', 'nightly'],
  ] as const) {
    store.journal.append({ ...common, type, subject })
    clock.jump(3600)
  }
}

function sequences(json: unknown): number[] {
  return publishedShapes['audit-list'].parse(json).entries.map(({ sequence }) => sequence)
}

describe('holdfast audit list', () => {
  test('before anything was done there is nothing to list, and no store is made', async () => {
    const { code, json } = await holdfast(folder, 'audit', 'list', '--output', 'json')
    expect(code).toBe(0)
    expect(json()).toEqual({ entries: [] })
  })

  test('shows the newest fifty, or as many as told, oldest first', async () => {
    journalled(60)
    const fifty = await holdfast(folder, 'audit', 'list', '--output', 'json')
    expect(sequences(fifty.json())).toEqual(Array.from({ length: 50 }, (_, index) => index + 11))
    const three = await holdfast(folder, 'audit', 'list', '--limit', '3', '--output', 'json')
    expect(sequences(three.json())).toEqual([58, 59, 60])
    const after = await holdfast(folder, 'audit', 'list', '--after', '10', '--limit', '2', '--output', 'json')
    expect(sequences(after.json())).toEqual([11, 12])
  })

  test('tells people who did what, when and why', async () => {
    journalled(1)
    const { out, code } = await holdfast(folder, 'audit', 'list')
    expect(code).toBe(0)
    for (const part of [
      '1',
      '2026-07-29T12:00:00.000Z',
      'action-started',
      'nightly',
      'entry 1',
      'CONTOSO\\ada',
      'manual',
    ])
      expect(out).toContain(part)
  })

  test('of what happened to one subject, in any case, by short name, of one type or family', async () => {
    happened()
    const list = async (...argv: string[]): Promise<number[]> =>
      sequences((await holdfast(folder, 'audit', 'list', ...argv, '--output', 'json')).json())
    expect(await list('--subject', 'fe01.contoso.com')).toEqual([1, 3])
    expect(await list('--subject', 'FE01')).toEqual([1, 3])
    expect(await list('--type', 'finding-opened')).toEqual([1, 2])
    expect(await list('--type', 'finding')).toEqual([1, 2, 3])
    expect(await list('--type', 'find')).toEqual([])
    expect(await list('--subject', 'fe01', '--type', 'finding-opened')).toEqual([1])
    expect(await list('--type', 'finding', '--limit', '2')).toEqual([2, 3])
    expect(await list('--type', 'finding', '--limit', '2', '--after', '0')).toEqual([1, 2])
  })

  test('of a stretch of time: from the first on, before the second', async () => {
    happened()
    const list = async (...argv: string[]): Promise<number[]> =>
      sequences((await holdfast(folder, 'audit', 'list', ...argv, '--output', 'json')).json())
    expect(await list('--since', '2026-07-29T13:00:00Z')).toEqual([2, 3, 4])
    expect(await list('--since', '2026-07-29T15:00:00+02:00', '--until', '2026-07-29T15:00:00Z')).toEqual([2, 3])
    expect(await list('--since', '2026-07-29', '--limit', '1')).toEqual([1])
    expect(await list('--until', '2026-07-29')).toEqual([])
    expect(await list('--since', '36500d')).toEqual([1, 2, 3, 4])
  })

  test('says that nothing matches, and what there is', async () => {
    happened()
    const { code, out } = await holdfast(
      folder,
      'audit',
      'list',
      '--subject',
      'fe022.contoso.com',
      '--type',
      'action-failed',
    )
    expect(code).toBe(0)
    expect(out).toBe(
      'No entry matches.\nDid you mean --subject fe02.contoso.com?\nTypes in this journal: action-started, finding-closed, finding-opened.\n',
    )
  })

  test.each([
    [['--since', 'yesterday'], '--since yesterday is not a time.'],
    [['--until', '2026-07-29T12:00:00'], '--until 2026-07-29T12:00:00 is not a time.'],
    [['--since', '9999999999d'], '--since 9999999999d is not a time.'],
    [['--since', '2026-07-30', '--until', '2026-07-29'], '--since 2026-07-30 is not before --until 2026-07-29.'],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await holdfast(folder, 'audit', 'list', ...argv)
    expect(code).toBe(2)
    expect(err).toContain(message)
    if (argv.length === 2) expect(err).toContain('2026-07-29T02:00:00Z')
  })

  test('refuses a count that is none', async () => {
    const { code, err } = await holdfast(folder, 'audit', 'list', '--limit', 'many')
    expect(code).toBe(2)
    expect(err).toContain('--limit many')
  })
})

describe('holdfast audit verify', () => {
  test('says that a journal is whole', async () => {
    journalled(3)
    const { code, json } = await holdfast(folder, 'audit', 'verify', '--output', 'json')
    expect(code).toBe(0)
    expect(publishedShapes['audit-verify'].parse(json())).toMatchObject({ ok: true, checked: 3 })
    expect((await holdfast(folder, 'audit', 'verify')).out).toContain('3 entries')
  })

  test('names the first bad entry and exits 1', async () => {
    journalled(3)
    const sqlite = new DatabaseSync(join(folder, 'state.db'))
    sqlite.exec('DROP TRIGGER "journalNoUPDATE"')
    sqlite.exec(`UPDATE "journal" SET "actor" = 'nobody' WHERE "sequence" = 2`)
    sqlite.close()
    const { code, json } = await holdfast(folder, 'audit', 'verify', '--output', 'json')
    expect(code).toBe(1)
    expect(publishedShapes['audit-verify'].parse(json())).toMatchObject({ ok: false, checked: 1, firstBad: 2 })
    const text = await holdfast(folder, 'audit', 'verify')
    expect(text.code).toBe(1)
    expect(text.out).toContain('BROKEN at entry 2')
  })

  test('of a damaged store is a failure that says what to do', async () => {
    writeFileSync(join(folder, 'state.db'), 'no database at all, but long enough to be read as a header. '.repeat(20))
    const { code, err } = await holdfast(folder, 'audit', 'verify')
    expect(code).toBe(1)
    expect(err).toContain('[state-store-unreadable]')
  })
})

test('holdfast audit export writes one entry per line', async () => {
  journalled(2)
  const { code, out } = await holdfast(folder, 'audit', 'export')
  expect(code).toBe(0)
  const lines = out.trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual([1, 2])
})
