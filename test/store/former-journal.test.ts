import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../src/domain/journal-entry.ts'
import type { JournalHead } from '../../src/domain/journal-head.ts'
import { committedMessage, committedType } from '../../src/store/committed.ts'
import type { Store } from '../../src/store/store.ts'
import { freshFile, opened, tamper } from './rooms.ts'

const said = { actor: 'CONTOSO\\ada', cause: 'manual', revision: 'a1b2', type: 'action-started', subject: 'nightly' }
const unlocked = ['DROP TRIGGER "journalNoUPDATE"', 'DROP TRIGGER "journalNoDELETE"']

function fill(store: Store, count: number, what: string): void {
  for (let n = 1; n <= count; n++) store.journal.append({ ...said, message: `${what} ${n}` })
}

function messages({ journal }: Store): string[] {
  return journal.list().map(({ message }) => message)
}

/** What a share gives back: the entries up to `last` in pieces, and the head. */
function bring(store: Store, entries: readonly JournalEntry[], head: JournalHead, pieces = 3) {
  const former = store.formerJournal()
  if (!former) return 'not new'
  for (let at = 0; at < entries.length; at += pieces) expect(former.add(entries.slice(at, at + pieces))).toBe(true)
  return former.finish(head, 'backup01')
}

describe('the journal of a former state store', () => {
  test('goes before what the new store wrote, and its chain goes on', () => {
    const [old, store] = [opened(), opened()]
    fill(old, 7, 'old')
    fill(store, 2, 'new')

    expect(bring(store, old.journal.list(), old.journal.head())).toEqual({ last: 7, lost: null })

    expect(store.journal.list().slice(0, 7)).toEqual(old.journal.list())
    expect(messages(store).slice(7)).toEqual([
      'A new state store goes on with the journal, whose entries up to 7 came back from backup01. None were lost.',
      'new 1',
      'new 2',
    ])
    expect(store.journal.verify()).toMatchObject({ ok: true, checked: 10, lost: [] })
    expect(store.journal.holds(old.journal.head())).toBe(true)
    expect(store.journal.kept().chain).toBe(old.journal.kept().chain)
  })

  test('what the share did not get is named as lost, and holds the place of its numbers', () => {
    const [old, store] = [opened(), opened()]
    fill(old, 9, 'old')
    const head = old.journal.head()

    expect(bring(store, old.journal.list({ limit: 5 }), head)).toEqual({ last: 5, lost: { from: 6, to: 9 } })

    expect(store.journal.head().sequence).toBe(10)
    expect(store.journal.verify()).toMatchObject({ ok: true, checked: 10, lost: [{ from: 6, to: 9 }] })
    expect([5, 6, 9, 10].map((sequence) => store.journal.isLost(sequence))).toEqual([false, true, true, false])
    expect(store.journal.holds(head)).toBe(true)
    expect(store.journal.holds({ ...head, hash: 'f'.repeat(64) })).toBe(false)
    expect(store.journal.kept().continuedAt).toEqual([10])
  })

  test('a journal that lost entries before comes back with that gap, and with a further one', () => {
    const [first, second, third] = [opened(), opened(), opened()]
    fill(first, 4, 'first')
    bring(second, first.journal.list({ limit: 2 }), first.journal.head())
    fill(second, 3, 'second')
    const former = third.formerJournal()
    const entries = second.journal.list()
    expect(former?.add(entries.slice(0, 2))).toBe(true)
    expect(former?.add(entries.slice(2, 4))).toBe(true)

    expect(former?.finish(second.journal.head(), 'backup01')).toEqual({ last: 6, lost: { from: 7, to: 8 } })

    expect(third.journal.verify()).toMatchObject({
      ok: true,
      lost: [
        { from: 3, to: 4 },
        { from: 7, to: 8 },
      ],
    })
  })

  test('what does not follow is not taken', () => {
    const [old, other, store] = [opened(), opened(), opened()]
    fill(old, 6, 'old')
    fill(other, 6, 'other')
    const former = store.formerJournal()
    expect(former?.add(old.journal.list({ after: 1 }))).toBe(false)
    expect(former?.add(old.journal.list({ limit: 3 }))).toBe(true)
    expect(former?.add(old.journal.list({ after: 4 }))).toBe(false)
    expect(former?.add(other.journal.list({ after: 3 }))).toBe(false)
    expect(former?.add([])).toBe(false)
    expect(former?.finish(old.journal.head(), 'backup01')).toEqual({ last: 3, lost: { from: 4, to: 6 } })
  })

  test('where nothing was taken, nothing changes', () => {
    const store = opened()
    fill(store, 2, 'new')
    const before = store.journal.list()
    expect(store.formerJournal()?.finish({ sequence: 5, hash: 'a'.repeat(64) }, 'backup01')).toBeNull()
    expect(store.journal.list()).toEqual(before)
  })

  test('a journal that somebody was told of is not renumbered', () => {
    const [old, told, continued] = [opened(), opened(), opened()]
    fill(old, 3, 'old')
    told.journalTold()
    expect(bring(told, old.journal.list(), old.journal.head())).toBe('not new')
    bring(continued, old.journal.list(), old.journal.head())
    expect(bring(continued, old.journal.list(), old.journal.head())).toBe('not new')
  })

  test('sets that the journal knows as committed count again', () => {
    const [old, store] = [opened(), opened()]
    const id = 'nightly/20260729T120000Z-abcd'
    const commit = (sha256: string): void => {
      old.journal.append({ ...said, type: committedType, subject: id, message: committedMessage(sha256, 'a run') })
    }
    commit('a'.repeat(64))
    commit('b'.repeat(64))
    bring(store, old.journal.list(), old.journal.head())
    expect(store.sets.isVouched(id, 'b'.repeat(64))).toBe(true)
    expect(store.sets.isVouched(id, 'a'.repeat(64))).toBe(false)
  })

  test('entries stay locked afterwards', () => {
    const file = freshFile()
    const old = opened()
    fill(old, 3, 'old')
    {
      using store = opened(file)
      bring(store, old.journal.list(), old.journal.head())
    }
    expect(() => tamper(file, `UPDATE "journal" SET "actor" = 'nobody'`)).toThrow('append-only')
    expect(() => tamper(file, `DELETE FROM "journal" WHERE "sequence" = 2`)).toThrow('append-only')
  })

  test('a gap hides nothing: whatever else is taken out is found', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 4 }), fc.nat(), (came, lost, at) => {
        const file = freshFile()
        const old = opened()
        fill(old, came + lost, 'old')
        {
          using store = opened(file)
          fill(store, 2, 'new')
          bring(store, old.journal.list({ limit: came }), old.journal.head())
        }
        const there = opened(file, 'read').journal.list()
        const { sequence = 0 } = there[at % there.length] ?? {}
        tamper(file, ...unlocked, `DELETE FROM "journal" WHERE "sequence" = ${sequence}`)
        expect(opened(file, 'read').journal.verify().ok).toBe(false)
      }),
      { numRuns: 40 },
    )
  })
})
