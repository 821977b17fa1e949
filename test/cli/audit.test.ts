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
