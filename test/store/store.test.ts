import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../src/base/problem.ts'
import { world } from '../support/observed.ts'
import { freshFile, opened, tamper } from './rooms.ts'
import { backupSet, ended, noon, runAction } from './samples.ts'

const plan = {
  revision: 'a1',
  at: noon,
  hash: '',
  actions: [],
  refused: [],
  conditions: [],
  findings: [],
  flags: [],
  runbooks: [],
  closed: [],
  ignored: [],
  classes: [],
  coverage: null,
}

function problemOf(work: () => unknown): Problem {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('a store to act', () => {
  test('is made with its folder', () => {
    const file = join(dirname(freshFile()), 'deep', 'er', 'state.db')
    opened(file)
    expect(existsSync(file)).toBe(true)
  })

  test('that was lost is made again, and what it knew of sets counts as unproved', () => {
    const file = freshFile()
    const store = opened(file)
    store.remember(plan, world(), { revision: 'a1', subjects: 1 }, [])
    expect(store.memory().settled).toBe(true)
    store[Symbol.dispose]()
    for (const part of ['', '-wal', '-shm']) rmSync(`${file}${part}`, { force: true })
    const again = opened(file)
    expect(again.memory()).toMatchObject({ settled: false, applied: null })
    expect(again.journal.verify()).toMatchObject({ ok: true, checked: 0 })
  })

  test('forgets the proofs of sets that are long gone', () => {
    const file = freshFile()
    const store = opened(file)
    const proof = { level: 'checksum' as const, outcome: 'ok' as const, damagedItems: [] }
    store.sets.put(backupSet('kept'))
    store.sets.prove('nightly/kept', { ...proof, at: '2026-01-01T00:00:00.000Z' })
    store.sets.prove('nightly/gone', { ...proof, at: '2026-01-01T00:00:00.000Z' })
    store.sets.prove('nightly/away', { ...proof, at: '2026-07-01T00:00:00.000Z' })
    const { sets } = opened(file)
    expect(['kept', 'gone', 'away'].map((name) => sets.proofs(`nightly/${name}`).length)).toEqual([1, 0, 1])
  })

  test('takes back all of a step that fails in the middle', () => {
    const file = freshFile()
    const store = opened(file)
    const action = runAction('a1')
    store.intents.open(action)
    tamper(file, `CREATE TRIGGER "full" BEFORE INSERT ON "journal" BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
    const problem = problemOf(() => store.intents.close('a1', ended(action, { outcome: 'failed' })))
    expect(problem).toMatchObject({ code: 'state-store-failed', subject: file })
    expect(store.intents.unresolved()).toHaveLength(1)
    expect(store.memory().attempts).toEqual([])
    tamper(file, 'DROP TRIGGER "full"')
    store.intents.close('a1', ended(action))
    expect(store.intents.unresolved()).toEqual([])
  })
})

describe('a store to read', () => {
  test('answers as an empty one while there is no file, and makes none', () => {
    const file = freshFile()
    const store = opened(file, 'read')
    expect(store.memory()).toMatchObject({ inFlight: [], applied: null, settled: false })
    expect(store.lease.holder()).toBeNull()
    expect(store.journal.verify()).toMatchObject({ ok: true, checked: 0 })
    expect(existsSync(file)).toBe(false)
  })

  test('answers as an empty one while the file is empty', () => {
    const file = freshFile()
    writeFileSync(file, '')
    expect(opened(file, 'read').memory().applied).toBeNull()
    expect(readFileSync(file)).toHaveLength(0)
  })

  test('sees what a daemon writes meanwhile, and cannot write itself', () => {
    const file = freshFile()
    const daemon = opened(file)
    const reader = opened(file, 'read')
    const action = runAction('a1')
    daemon.intents.open(action)
    expect(reader.memory().inFlight).toEqual([action])
    daemon.sets.put(backupSet('a'))
    expect(reader.knownSets('main')).toEqual([backupSet('a')])
    expect(problemOf(() => reader.requests.ask({ backup: 'nightly' }, 'ada')).code).toBe('state-store-read-only')
  })

  test('works while a daemon is in the middle of a transaction', () => {
    const file = freshFile()
    const daemon = opened(file)
    daemon.journal.append({ actor: 'a', cause: 'c', revision: '', type: 't', subject: 's', message: 'm' })
    const busy = new DatabaseSync(file)
    busy.exec('BEGIN IMMEDIATE')
    busy.exec('UPDATE "journalHead" SET "sequence" = 7')
    expect(opened(file, 'read').journal.verify()).toMatchObject({ ok: true, checked: 1 })
    busy.close()
  })
})

describe.each(['read', 'act'] as const)('to %s', (mode) => {
  test('what is no SQLite file is refused and left alone', () => {
    const file = freshFile()
    writeFileSync(file, 'this is a text file, and long enough to be taken for a header. '.repeat(20))
    const before = readFileSync(file)
    expect(problemOf(() => opened(file, mode))).toMatchObject({ code: 'state-store-unreadable', subject: file })
    expect(readFileSync(file)).toEqual(before)
  })

  test('the file of another program is refused', () => {
    const file = freshFile()
    tamper(file, 'CREATE TABLE "places" ("name" TEXT)')
    expect(problemOf(() => opened(file, mode))).toMatchObject({
      code: 'state-store-unreadable',
      message: expect.stringContaining('another program') as string,
    })
  })

  test('the file of a newer version is refused', () => {
    const file = freshFile()
    opened(file)[Symbol.dispose]()
    tamper(file, `INSERT INTO "migration" VALUES (999, '${noon}')`)
    expect(problemOf(() => opened(file, mode)).code).toBe('state-store-newer')
  })

  test('a folder is refused', () => {
    const file = freshFile()
    mkdirSync(file)
    expect(problemOf(() => opened(file, mode)).code).toBe('state-store-unreadable')
  })

  test('a damaged file is refused', () => {
    const file = freshFile()
    opened(file)[Symbol.dispose]()
    const bytes = readFileSync(file)
    bytes.fill(0xff, 100, 4096)
    writeFileSync(file, bytes)
    expect(problemOf(() => opened(file, mode)).code).toBe('state-store-unreadable')
  })
})
