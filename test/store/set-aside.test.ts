import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { openOrReplace } from '../../src/store/set-aside.ts'
import type { Store } from '../../src/store/store.ts'
import { systemRandom } from '../../src/base/random.ts'
import { TestClock } from '../support/test-clock.ts'
import { startChild } from './processes.ts'
import { freshFile, opened, tamper } from './rooms.ts'
import { backupSet, noon } from './samples.ts'

const open = (file: string): Store => openOrReplace(file, new TestClock(noon), systemRandom, 50)

/** A file in which a store has lived for a while. */
function used(): string {
  const file = freshFile()
  const store = opened(file)
  for (let n = 0; n < 200; n++) store.sets.put(backupSet(`s${n}`))
  store.requests.ask({ backup: 'nightly' }, 'ada')
  store[Symbol.dispose]()
  return file
}

const beside = (file: string): string[] => readdirSync(dirname(file)).filter((name) => name.includes('.corrupt-'))

describe('a damaged store is kept under another name as it is, and a new one begins', () => {
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['its header is damaged', (bytes) => bytes.fill(0, 0, 100)],
    ['one page is damaged', (bytes) => bytes.fill(0xff, 4 * 4096, 5 * 4096)],
    ['its last page is damaged', (bytes) => bytes.fill(0xff, bytes.length - 4096)],
    ['its second half is gone', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['it is a text', () => Buffer.from('this is a text file, and long enough to be taken for a header. '.repeat(20))],
    ['it is shorter than a header', () => Buffer.from('x')],
  ])('%s', (_name, damage) => {
    const file = used()
    const damaged = damage(readFileSync(file))
    writeFileSync(file, damaged)

    using store = open(file)
    expect(beside(file)).toEqual(['state.db.corrupt-20260729T120000Z'])
    const path = join(dirname(file), 'state.db.corrupt-20260729T120000Z')
    expect(readFileSync(path)).toEqual(damaged)
    const { replaced, settled } = store.memory()
    expect(replaced).toEqual([{ path, at: noon, reason: expect.any(String) as string }])
    expect(settled).toBe(false)
    expect(store.journal.list().map(({ type }) => type)).toEqual(['state-store-replaced'])
    store.forgetReplaced()
    expect(store.memory().replaced).toEqual([])
  })

  test('what it remembers is not JSON any more', () => {
    const file = used()
    tamper(file, `INSERT INTO "remembered" VALUES ('plan', '{"revision":')`)
    using store = open(file)
    expect(store.memory().replaced).toHaveLength(1)
  })

  test('its log, which nobody has brought in, goes with it', async () => {
    const file = used()
    const writer = startChild('holder', file)
    await writer.line()
    writer.process.kill('SIGKILL')
    await writer.exited
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0, 0, 100))
    const log = readFileSync(`${file}-wal`)
    using _store = open(file)
    expect(readFileSync(`${file}.corrupt-20260729T120000Z-wal`)).toEqual(log)
  })

  test('it was emptied, and its log is still there', async () => {
    const file = used()
    const writer = startChild('holder', file)
    await writer.line()
    writer.process.kill('SIGKILL')
    await writer.exited
    writeFileSync(file, '')
    using store = open(file)
    expect(store.memory().replaced).toHaveLength(1)
    expect(existsSync(`${file}.corrupt-20260729T120000Z-wal`)).toBe(true)
  })

  test('two within one second have two names', () => {
    const file = freshFile()
    for (let n = 0; n < 2; n++) {
      writeFileSync(file, 'no store')
      open(file)[Symbol.dispose]()
    }
    expect(beside(file)).toHaveLength(2)
  })
})

describe('what is not damaged is left alone', () => {
  const code = (file: string): string => {
    try {
      open(file)[Symbol.dispose]()
      return 'opened'
    } catch (thrown) {
      return (thrown as { code: string }).code
    }
  }

  test('a store that another program holds', () => {
    const file = used()
    using other = new DatabaseSync(file)
    other.exec('BEGIN EXCLUSIVE')
    expect([code(file), beside(file)]).toEqual(['state-store-busy', []])
  })

  test('one of a newer version, one of another program, a folder', () => {
    const newer = used()
    tamper(newer, `INSERT INTO "migration" VALUES (999, '${noon}')`)
    const foreign = freshFile()
    tamper(foreign, 'CREATE TABLE "places" ("name" TEXT)')
    const folder = freshFile()
    mkdirSync(folder)
    expect([newer, foreign, folder].map(code)).toEqual([
      'state-store-newer',
      'state-store-unreadable',
      'state-store-unreadable',
    ])
    expect([newer, foreign, folder].flatMap(beside)).toEqual([])
  })

  test('none, an empty one, and a whole one', () => {
    const none = freshFile()
    const empty = freshFile()
    writeFileSync(empty, '')
    expect([none, empty, used()].map(code)).toEqual(['opened', 'opened', 'opened'])
    expect(existsSync(none)).toBe(true)
  })

  test('a damaged one with which a daemon still works', async () => {
    const file = used()
    const child = startChild('holder', file)
    await child.line()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xff, bytes.length - 4096))
    expect([code(file), beside(file)]).toEqual(['state-store-unreadable', []])
  })
})
