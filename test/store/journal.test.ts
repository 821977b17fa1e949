import fc from 'fast-check'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { registerSecret } from '../../src/base/log.ts'
import { TestClock } from '../support/test-clock.ts'
import { freshFile, opened, tamper } from './rooms.ts'
import { noon } from './samples.ts'

const said = { actor: 'CONTOSO\\ada', cause: 'manual', revision: 'a1b2', type: 'action-started', subject: 'nightly' }
const unlocked = ['PRAGMA synchronous = OFF', 'DROP TRIGGER "journalNoUPDATE"', 'DROP TRIGGER "journalNoDELETE"']

/** A journal of `count` entries in a closed file. */
function journalOf(count: number): string {
  const file = freshFile()
  using store = opened(file)
  for (let index = 1; index <= count; index++) store.journal.append({ ...said, message: `entry ${index}` })
  return file
}

function verified(file: string): { ok: boolean; checked: number; head: string; firstBad?: number } {
  return opened(file, 'read').journal.verify()
}

describe('journal', () => {
  test('numbers and chains what it is given, with the time of the clock', async () => {
    const clock = new TestClock(noon)
    const { journal } = opened(freshFile(), 'act', clock)
    const first = journal.append({ ...said, message: 'one' })
    await clock.advance(5)
    const second = journal.append({ ...said, message: 'two' })
    expect(first).toMatchObject({ sequence: 1, at: '2026-07-29T12:00:00.000Z', previousHash: '0'.repeat(64) })
    expect(second).toMatchObject({ sequence: 2, at: '2026-07-29T12:00:05.000Z', previousHash: first.hash })
    expect(journal.list()).toEqual([first, second])
    expect(journal.list({ after: 1 })).toEqual([second])
    expect(journal.list({ limit: 1 })).toEqual([first])
    expect(journal.head()).toEqual({ sequence: 2, hash: second.hash })
    expect(journal.verify()).toEqual({ ok: true, checked: 2, head: second.hash, lost: [] })
  })

  test('whatever somebody writes into it, a segment of it can be read back from a share', () => {
    const { journal } = opened()
    const entry = journal.append({ ...said, message: `\ud83d\ude00${'\u0001'.repeat(4_000_000)}` })
    expect(entry.message).toContain('(and 3967234 characters more)')
    expect(256 * Buffer.byteLength(`${JSON.stringify(entry)}\n`)).toBeLessThan(64 * 1024 ** 2)
    expect(journal.append({ ...said, message: `x${'\ud83d\ude00'.repeat(20_000)}` }).message.isWellFormed()).toBe(true)
    expect(journal.verify()).toMatchObject({ ok: true, checked: 2 })
  })

  test('an empty journal is whole', () => {
    expect(opened().journal.verify()).toEqual({ ok: true, checked: 0, head: '0'.repeat(64), lost: [] })
  })

  test('the hash is that of the published recipe', () => {
    const { journal } = opened()
    journal.append({ ...said, message: 'one' })
    // printf '%s' '<canonical JSON of the other nine fields>' | sha256sum
    expect(journal.head().hash).toBe('fa1a6aed2486943fa1267abc50818f81244b2ab45981fd3126db69380838dad2')
  })

  test('refuses to change or remove an entry', () => {
    const file = journalOf(2)
    expect(() => tamper(file, `UPDATE "journal" SET "actor" = 'nobody'`)).toThrow('append-only')
    expect(() => tamper(file, `DELETE FROM "journal" WHERE "sequence" = 2`)).toThrow('append-only')
    expect(verified(file)).toMatchObject({ ok: true, checked: 2 })
  })

  test('no registered secret gets into it', () => {
    registerSecret('Tr0ub4dor-journal')
    const { journal } = opened()
    const entry = journal.append({
      ...said,
      subject: 'x Tr0ub4dor-journal',
      message: 'login with Tr0ub4dor-journal failed',
    })
    expect(JSON.stringify(entry)).not.toContain('Tr0ub4dor')
    expect(JSON.stringify(journal.list())).not.toContain('Tr0ub4dor')
    expect(journal.verify().ok).toBe(true)
  })

  test('verifies more than one page', () => {
    const file = freshFile()
    const { journal } = opened(file)
    for (let index = 0; index < 230; index++) journal.append({ ...said, message: String(index) })
    expect(journal.verify()).toMatchObject({ ok: true, checked: 230 })
    tamper(file, ...unlocked, `UPDATE "journal" SET "message" = 'x' WHERE "sequence" = 215`)
    expect(journal.verify()).toMatchObject({ ok: false, checked: 214, firstBad: 215 })
  })

  test('finds a truncated tail, an emptied journal and a removed head', () => {
    const tail = journalOf(5)
    tamper(tail, ...unlocked, `DELETE FROM "journal" WHERE "sequence" >= 4`)
    expect(verified(tail)).toMatchObject({ ok: false, checked: 3, firstBad: 4 })
    const emptied = journalOf(3)
    tamper(emptied, ...unlocked, `DELETE FROM "journal"`)
    expect(verified(emptied)).toMatchObject({ ok: false, checked: 0, firstBad: 1 })
    const headless = journalOf(3)
    tamper(headless, `DELETE FROM "journalHead"`)
    expect(verified(headless)).toMatchObject({ ok: false, firstBad: 1 })
  })

  test('finds an entry put in before the first, and one put on the end with a right hash', () => {
    const before = journalOf(2)
    const copied = `SELECT "at","actor","cause","revision","type","subject","message","previousHash","hash" FROM "journal" WHERE "sequence" = 1`
    const columns = `"sequence","at","actor","cause","revision","type","subject","message","previousHash","hash"`
    tamper(before, `INSERT INTO "journal" (${columns}) SELECT 0, * FROM (${copied})`)
    expect(verified(before)).toMatchObject({ ok: false, firstBad: 1 })
    const longer = journalOf(3)
    const shorter = journalOf(2)
    const third = opened(longer, 'read').journal.list()[2]!
    const sqlite = new DatabaseSync(shorter)
    sqlite
      .prepare(`INSERT INTO "journal" (${columns}) VALUES (?,?,?,?,?,?,?,?,?,?)`)
      .run(
        third.sequence,
        third.at,
        third.actor,
        third.cause,
        third.revision,
        third.type,
        third.subject,
        third.message,
        third.previousHash,
        third.hash,
      )
    sqlite.close()
    expect(verified(shorter)).toMatchObject({ ok: false, checked: 2, firstBad: 3 })
  })

  const fields = ['at', 'actor', 'cause', 'revision', 'type', 'subject', 'message', 'previousHash', 'hash'] as const

  test('any change of any field of any entry is found at that entry', () => {
    const length = 6
    const file = journalOf(length)
    const sqlite = new DatabaseSync(file)
    for (const statement of unlocked) sqlite.exec(statement)
    const { journal } = opened(file, 'read')
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.integer({ min: 1, max: length }), fc.string(), (field, at, text) => {
        const select = sqlite.prepare(`SELECT "${field}" AS "was" FROM "journal" WHERE "sequence" = ?`)
        const was = String(select.get(at)?.['was'])
        fc.pre(text !== was && !text.includes('\u0000'))
        const update = sqlite.prepare(`UPDATE "journal" SET "${field}" = ? WHERE "sequence" = ?`)
        update.run(text, at)
        const result = journal.verify()
        update.run(was, at)
        expect(result).toMatchObject({ ok: false, checked: at - 1, firstBad: at })
      }),
      { numRuns: 150 },
    )
    expect(journal.verify()).toMatchObject({ ok: true, checked: length })
    sqlite.close()
  })

  test('any entry removed, renumbered or swapped is found at the first place that is wrong', () => {
    const length = 6
    const file = journalOf(length)
    const sqlite = new DatabaseSync(file)
    for (const statement of unlocked) sqlite.exec(statement)
    sqlite.exec('CREATE TABLE "kept" AS SELECT * FROM "journal"')
    const { journal } = opened(file, 'read')
    const place = fc.integer({ min: 1, max: length })
    fc.assert(
      fc.property(fc.constantFrom('remove', 'renumber', 'swap'), place, place, (how, one, other) => {
        fc.pre(how !== 'swap' || one !== other)
        sqlite.exec('SAVEPOINT "before"')
        const move = sqlite.prepare('UPDATE "journal" SET "sequence" = ? WHERE "sequence" = ?')
        if (how === 'remove') sqlite.prepare('DELETE FROM "journal" WHERE "sequence" = ?').run(one)
        if (how === 'renumber') move.run(length + 10, one)
        if (how === 'swap')
          for (const [to, from] of [
            [99, one],
            [one, other],
            [other, 99],
          ] as const)
            move.run(to, from)
        sqlite.exec('RELEASE "before"')
        const result = journal.verify()
        sqlite.exec('DELETE FROM "journal"; INSERT INTO "journal" SELECT * FROM "kept"')
        expect(result).toMatchObject({ ok: false, firstBad: how === 'swap' ? Math.min(one, other) : one })
      }),
      { numRuns: 60 },
    )
    sqlite.close()
  })
})
