/** Who may write to the state store changes the journal: the chain finds it, or what the share knows of it. */
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashOf } from '../../src/base/hash.ts'
import type { DriftView } from '../../src/views/drift.ts'
import { startLab, type TestLab } from '../support/lab.ts'

type Row = Record<
  'at' | 'actor' | 'cause' | 'revision' | 'type' | 'subject' | 'message' | 'previousHash' | 'hash',
  string
> & {
  sequence: number
}

let lab: TestLab
/** The state store as it was after the first run, and in the end. */
let early: string
let pristine: string

beforeAll(async () => {
  lab = await startLab()
  early = await runAndKeep('early', 'run', '--once')
  await lab.holdfast('backup', 'file-stores')
  pristine = await runAndKeep('pristine', 'run', '--once')
}, 180_000)
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => {
  putBack(pristine)
})

async function runAndKeep(name: string, ...argv: string[]): Promise<string> {
  const { code, out, err } = await lab.holdfast(...argv)
  if (code !== 0) throw new Error(out + err)
  const folder = join(lab.dir, name)
  mkdirSync(folder)
  for (const file of stateFiles(lab.dir)) cpSync(join(lab.dir, file), join(folder, file))
  return folder
}

function stateFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^state\.db(-wal|-shm)?$/.test(name))
}

function putBack(folder: string): void {
  for (const file of stateFiles(lab.dir)) rmSync(join(lab.dir, file))
  for (const file of stateFiles(folder)) cpSync(join(folder, file), join(lab.dir, file))
}

/** Rewrites the journal as somebody would who knows how it is made. `fitting`: the head that is kept apart, too. */
function rewrite(change: (rows: Row[]) => Row[], head: 'as it was' | 'fitting'): void {
  using database = new DatabaseSync(join(lab.dir, 'state.db'))
  for (const verb of ['UPDATE', 'DELETE']) database.exec(`DROP TRIGGER "journalNo${verb}"`)
  const rows = change(database.prepare('SELECT * FROM "journal" ORDER BY "sequence"').all() as Row[])
  database.exec('DELETE FROM "journal"')
  for (const row of rows) {
    const names = Object.keys(row)
    const places = names.map(() => '?').join()
    database
      .prepare(`INSERT INTO "journal" (${names.map((name) => `"${name}"`).join()}) VALUES (${places})`)
      .run(...Object.values(row))
  }
  const last = rows.at(-1) ?? { sequence: 0, hash: '0'.repeat(64) }
  if (head === 'fitting')
    database.prepare('UPDATE "journalHead" SET "sequence" = ?, "hash" = ?').run(last.sequence, last.hash)
}

/** The same entries with sequence numbers and hashes that fit, as from the first one that was changed. */
function chained(rows: readonly Row[]): Row[] {
  let before = '0'.repeat(64)
  return rows.map((row, index) => {
    const { hash: _hash, ...content } = { ...row, sequence: index + 1, previousHash: before }
    before = hashOf(content)
    return { ...content, hash: before }
  })
}

const middle = 10
const at = (index: number, change: (row: Row) => Row) => (rows: Row[]) =>
  rows.map((row, place) => (place === index ? change(row) : row))
const rehashed = ({ hash: _hash, ...content }: Row): Row => ({ ...content, hash: hashOf(content) })

const tamperings: [string, () => void][] = [
  [
    'the words of an entry changed',
    () =>
      rewrite(
        at(middle, (row) => ({ ...row, message: 'nothing' })),
        'as it was',
      ),
  ],
  [
    'the time of an entry changed',
    () =>
      rewrite(
        at(middle, (row) => ({ ...row, at: '2020-01-01T00:00:00.000Z' })),
        'as it was',
      ),
  ],
  [
    'the actor of an entry changed',
    () =>
      rewrite(
        at(middle, (row) => ({ ...row, actor: 'somebody' })),
        'as it was',
      ),
  ],
  [
    'an entry changed, and its hash with it',
    () =>
      rewrite(
        at(middle, (row) => rehashed({ ...row, message: 'nothing' })),
        'as it was',
      ),
  ],
  ['an entry removed', () => rewrite((rows) => rows.toSpliced(middle, 1), 'as it was')],
  [
    'two entries swapped',
    () =>
      rewrite(
        (rows) =>
          rows.toSpliced(
            middle,
            2,
            ...[rows[middle + 1]!, rows[middle]!].map((row, index) => ({ ...row, sequence: middle + 1 + index })),
          ),
        'as it was',
      ),
  ],
  [
    'an entry inserted',
    () => rewrite((rows) => [...rows, rehashed({ ...rows.at(-1)!, sequence: rows.length + 1 })], 'as it was'),
  ],
  ['the tail cut', () => rewrite((rows) => rows.slice(0, -3), 'as it was')],
  ['the head moved', () => rewrite((rows) => rows.slice(0, -3), 'fitting')],
  ['the tail cut to the first half, with its head', () => rewrite((rows) => rows.slice(0, middle), 'fitting')],
  [
    'an entry changed, and all after it chained anew',
    () => rewrite((rows) => chained(at(middle, (row) => ({ ...row, message: 'nothing' }))(rows)), 'fitting'),
  ],
  [
    'rewritten from the beginning',
    () => rewrite((rows) => chained(rows.map((row) => ({ ...row, actor: 'somebody' }))), 'fitting'),
  ],
  ['emptied', () => rewrite(() => [], 'fitting')],
  ['an older copy of the store put back', () => putBack(early)],
]

test('untouched, share and journal agree', async () => {
  const { code, json } = await lab.json<{ ok: boolean; anchors: { outcome: string }[] }>('audit', 'verify')
  expect([code, json.ok]).toEqual([0, true])
  expect(json.anchors.filter(({ outcome }) => outcome === 'agrees').length).toBeGreaterThan(4)
})

describe('found, and the first place named', () => {
  test.each(tamperings)('%s', async (_name, tamper) => {
    tamper()
    const { code, json } = await lab.json<{
      ok: boolean
      firstBad?: number
      anchors: { outcome: string; place: string }[]
    }>('audit', 'verify')
    expect([code, json.ok]).toEqual([1, false])
    const differing = json.anchors.filter(({ outcome }) => outcome === 'disagrees')
    expect(json.firstBad ?? differing[0]?.place).toBeDefined()
    expect((await lab.holdfast('audit', 'verify')).out).toMatch(/THE JOURNAL IS BROKEN|DISAGREE/)
  })
})

test('a store that was put back is told for as long as nobody lets the former journal go', async () => {
  const head = (): string => readFileSync(join(lab.share, 'journal', 'head.json'), 'utf8')
  const before = head()
  putBack(early)
  const disputed = async (): Promise<string[]> => {
    expect((await lab.holdfast('run', '--once')).code).toBe(0)
    const { json } = await lab.json<DriftView>('drift')
    return json.findings.filter(({ code }) => code === 'journal-disputed').map(({ subject }) => subject)
  }
  expect(await disputed()).toEqual(['backup01'])
  expect(head()).toBe(before)

  const file = join('desired-state', 'deployment.yaml')
  const until = new Date(Date.now() + 86_400_000).toISOString()
  const suspension = `---
apiVersion: holdfast/v1
kind: Suspension
metadata: { name: restored }
spec: { subjects: [backup01], findings: [journal-disputed], reason: restored on purpose, until: '${until}' }
`
  await lab.commit(file, (text) => `${text}${suspension}`)
  await disputed()
  await lab.commit(file, (text) => text.replace(suspension, ''))
  expect(await disputed()).toEqual([])
  expect(head()).not.toBe(before)
  expect((await lab.holdfast('audit', 'verify')).code).toBe(0)
})
