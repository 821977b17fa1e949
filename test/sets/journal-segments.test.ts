import fc from 'fast-check'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { hashOf } from '../../src/base/hash.ts'
import { continuedType, type JournalEntry } from '../../src/domain/journal-entry.ts'
import { keepSegments, readSegments, type KeptJournal, type Segment } from '../../src/sets/journal-segments.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-segments-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
})

/** A journal of so many entries; before `continued` so many were lost. */
function journalOf(count: number, { continued = 0, lost = 0 } = {}): KeptJournal {
  const entries: JournalEntry[] = []
  for (let sequence = 1; sequence <= count; sequence++) {
    if (sequence === continued) sequence += lost
    const content = {
      ...{ sequence, at: '2026-07-29T12:00:00.000Z', actor: 'ada', cause: 'manual', revision: 'a1b2' },
      ...{
        type: sequence === continued + lost ? continuedType : 'action-done',
        subject: 'nightly',
        message: `entry ${sequence}`,
      },
      previousHash:
        lost > 0 && sequence === continued + lost ? 'f'.repeat(64) : (entries.at(-1)?.hash ?? '0'.repeat(64)),
    }
    entries.push({ ...content, hash: hashOf(content) })
  }
  return {
    chain: entries[0]?.hash.slice(0, 32) ?? null,
    last: entries.at(-1)?.sequence ?? 0,
    continuedAt: lost > 0 && entries.some(({ type }) => type === continuedType) ? [continued + lost] : [],
    entries: (after, limit) => entries.filter(({ sequence }) => sequence > after).slice(0, limit),
  }
}

const files = (): string[] => readdirSync(join(root, 'journal')).sort()
const pathOf = (first: number): string =>
  join(root, 'journal', files().find((name) => name.endsWith(`-${String(first).padStart(10, '0')}.jsonl`)) ?? '')
const numbers = (): number[] => files().map((name) => Number(/-(\d+)\.jsonl$/.exec(name)?.[1]))

async function read({ chain }: KeptJournal): Promise<Segment[]> {
  return Array.fromAsync(readSegments(root, chain ?? ''))
}

describe('the segments of a journal', () => {
  test('what is kept is read back, whatever was there before and however it grew', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(lengths, fc.boolean(), fc.integer({ min: 0, max: 5 }), async (grown, restarts, lost) => {
        rmSync(join(root, 'journal'), { recursive: true, force: true })
        const shape = { continued: 200, lost } // a location that was away meanwhile gets the rest
        let [count, given] = [0, 0]
        let journal = journalOf(0)
        for (const more of grown) {
          const before = journal.continuedAt.length
          journal = journalOf((count += more), shape)
          const isAnother = journal.continuedAt.length > before
          await keepSegments(root, journal, restarts || isAnother ? 0 : given)
          given = journal.last
        }
        if (journal.chain === null) return
        const segments = await read(journal)
        expect(segments.every(({ isWhole }) => isWhole)).toBe(true)
        expect(segments.flatMap(({ entries }) => entries)).toEqual(journal.entries(0, Infinity))
      }),
      { numRuns: 25 },
    )
  })

  test('a closed one is never written again, one that is gone is', async () => {
    await keepSegments(root, journalOf(600), 0)
    expect(numbers()).toEqual([1, 257, 513])
    const before = [1, 257, 513].map((first) => statSync(pathOf(first)).ino)
    rmSync(pathOf(257))

    await keepSegments(root, journalOf(610), 0)

    const after = [1, 257, 513].map((first) => statSync(pathOf(first)).ino)
    expect(numbers()).toEqual([1, 257, 513])
    expect([after[0] === before[0], after[2] === before[2]]).toEqual([true, false])
  })

  test('after a loss a new one begins: what the share still has of it is not written over', async () => {
    const whole = journalOf(300)
    await keepSegments(root, whole, 0)
    const kept = readFileSync(pathOf(257), 'utf8')
    const continued = journalOf(310, { continued: 290, lost: 11 })

    await keepSegments(root, { ...continued, chain: whole.chain }, 0)

    expect(numbers()).toEqual([1, 257, 301])
    expect(readFileSync(pathOf(257), 'utf8')).toBe(kept)
  })

  test('another journal on the same share has files of its own', async () => {
    await keepSegments(root, journalOf(3), 0)
    const other = { ...journalOf(3), chain: 'e'.repeat(32) }
    await keepSegments(root, other, 0)
    expect(numbers()).toEqual([1, 1])
    expect(await read(other)).toHaveLength(1)
  })

  test.each<[string, (path: string) => void, number]>([
    ['a changed entry', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('entry 3', 'entry 4')), 2],
    [
      'a line that is no entry',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('{"sequence":3', '{')),
      2,
    ],
    ['an entry taken out', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/^.*entry 3.*\n/m, '')), 2],
    ['a cut', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, -5)), 4],
    ['an empty file', (path) => writeFileSync(path, ''), 0],
    [
      'a link',
      (path) => {
        rmSync(path)
        symlinkSync('/etc/hostname', path)
      },
      0,
    ],
  ])('%s: only what is before it is read', async (_, damage, whole) => {
    const journal = journalOf(5)
    await keepSegments(root, journal, 0)
    damage(pathOf(1))
    const [segment] = await read(journal)
    expect(segment).toMatchObject({ isWhole: false })
    expect(segment?.entries).toHaveLength(whole)
  })
})
