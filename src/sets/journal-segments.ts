/** The journal as a share keeps it: one file for each 256 entries, named by the chain and the first of them. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { hashOf } from '../base/hash.ts'
import type { JournalEntry } from '../domain/journal-entry.ts'
import { writeDurably } from '../drivers/files/durable.ts'
import { makeFolder } from '../drivers/files/folder.ts'
import { MiB, readSmallFile } from '../drivers/files/small-file.ts'
import { journalFolder } from './journal-head.ts'

const mostEntries = 256
/** An entry is a line or two; so many bytes are none of ours. */
const mostBytes = 64 * MiB

const entrySchema = z.strictObject({
  sequence: z.int().min(1),
  at: z.string(),
  actor: z.string(),
  cause: z.string(),
  revision: z.string(),
  type: z.string(),
  subject: z.string(),
  message: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  previousHash: z.string().regex(/^[0-9a-f]{64}$/),
})

/** What is asked of a journal to keep it. */
export interface KeptJournal {
  /** Of its first entry, shortened: the same as long as it goes on, whatever happens to the state store. Null: it is empty. */
  chain: string | null
  /** Sequence of the newest entry. */
  last: number
  /** Sequences at which it went on after a loss: what was lost is never written again, nor over. */
  continuedAt: readonly number[]
  /** Entries after a sequence, oldest first. */
  entries(after: number, limit: number): readonly JournalEntry[]
}

/** Its chain, and its first entry. */
const segmentName = /^([0-9a-f]{32})-(\d{10})\.jsonl$/

function nameOf(chain: string, first: number): string {
  return `${chain}-${String(first).padStart(10, '0')}.jsonl`
}

/** First and last sequence of every segment between two losses, for each such run; a run's last one may still grow. */
function runsOf({ last, continuedAt }: KeptJournal): { first: number; last: number }[][] {
  return [1, ...continuedAt].map((begin, index) => {
    const end = (continuedAt[index] ?? last + 1) - 1
    const length = Math.max(0, Math.ceil((end - begin + 1) / mostEntries))
    return Array.from({ length }, (_, n) => {
      const first = begin + n * mostEntries
      return { first, last: Math.min(first + mostEntries - 1, end) }
    })
  })
}

/**
 * Brings a share up to date: the segments that it lacks, and those that grew. `given`: the newest entry that it was given
 * before; 0: not known, and what it has is looked at. A closed one is never written again, and of what was lost here
 * the share keeps what it has. Throws what `writeDurably` throws.
 */
export async function keepSegments(root: string, journal: KeptJournal, given: number): Promise<void> {
  const { chain } = journal
  if (chain === null) return
  const folder = join(root, journalFolder)
  await makeFolder(folder)
  const there = given > 0 ? null : new Set(await readdir(folder))
  const isThere = (first: number): boolean => there?.has(nameOf(chain, first)) ?? first <= given
  const runs = runsOf(journal)
  for (const [index, run] of runs.entries()) {
    const newest = run.findLast(({ first }) => isThere(first))
    for (const { first, last } of run) {
      const isCurrent = index === runs.length - 1
      if (isThere(first) && (newest?.first !== first || (!isCurrent && given > 0))) continue
      const path = join(folder, nameOf(chain, first))
      const entries = journal.entries(first - 1, mostEntries).filter(({ sequence }) => sequence <= last)
      if (entries.length === 0 || (isThere(first) && !isCurrent && !(await isBeginning(path, entries)))) continue
      await writeDurably(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    }
  }
}

/** Whether the file holds fewer of these entries and nothing else: it may be written again. */
async function isBeginning(path: string, entries: readonly JournalEntry[]): Promise<boolean> {
  const segment = await readSegment(path)
  const last = segment.entries.at(-1)
  return segment.isWhole && segment.entries.length < entries.length && entries.some(({ hash }) => hash === last?.hash)
}

export interface Segment {
  /** Its name in the folder of the journal. */
  name: string
  /** As far as they are entries that follow each other, untouched. */
  entries: readonly JournalEntry[]
  /** Whether that is all of it. */
  isWhole: boolean
}

/** All segments of a chain, oldest first; what cannot be read has no entries. Throws where the folder cannot be listed. */
export async function* readSegments(root: string, chain: string): AsyncGenerator<Segment> {
  const folder = join(root, journalFolder)
  const names = (await readdir(folder)).filter((name) => segmentName.exec(name)?.[1] === chain).sort()
  for (const name of names) yield { name, ...(await readSegment(join(folder, name))) }
}

async function readSegment(path: string): Promise<Omit<Segment, 'name'>> {
  const bytes = await readSmallFile(path, mostBytes).catch(() => null)
  const text = bytes?.toString('utf8') ?? ''
  const entries: JournalEntry[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    const entry = readEntry(line)
    const last = entries.at(-1)
    const follows = !last || (entry?.previousHash === last.hash && entry.sequence === last.sequence + 1)
    if (entry === null || !follows) return { entries, isWhole: false }
    entries.push(entry)
  }
  return { entries, isWhole: text.endsWith('\n') }
}

function readEntry(line: string): JournalEntry | null {
  try {
    const { hash, ...content } = entrySchema.parse(JSON.parse(line))
    return hashOf(content) === hash ? { ...content, hash } : null
  } catch {
    return null
  }
}
