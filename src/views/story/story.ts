import { secondsBetween, type Time } from '../../base/time.ts'
import type { EntryFields } from '../../domain/entry-fields.ts'
import type { Runbook } from '../../domain/runbook.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Subject } from '../../domain/words.ts'
import { ofRecoveryStep, readEntry, type ReadEntry, type StoryEntry } from './entries.ts'
import type { StoryLoss, StoryView } from './shape.ts'
import { stepsOf } from './steps.ts'

/** What a story is made from. */
export interface StoryGround {
  /** Of recoveries, flags, steps and actions: oldest first, those of others among them. */
  entries: readonly StoryEntry[]
  /** Of the flags that are open. */
  runbooks: readonly Runbook[]
  now: Time
}

/** `holdfast audit story`. Null where no entry says that a Recovery of that name was declared. */
export function storyView(name: string, { entries, runbooks, now }: StoryGround): StoryView | null {
  const read = entries.map(readEntry)
  const own = read.filter(({ fields }) => sameSubject(fields?.one('recovery') ?? '', name))
  const spans = own.filter(({ type }) => type === 'recovery-declared').map((declared) => spanOf(declared, read))
  const losses = spans.filter(
    (one, index) => !spans.slice(0, index).some((other) => one.first === other.first && one.last === other.last),
  )
  if (losses.length === 0) return null
  return {
    at: now,
    recovery: own[0]?.fields?.one('recovery') ?? name,
    losses: losses.map((span) => lossOf(span, name, read, runbooks)),
  }
}

/** One loss: from the entry that raised its flag to the one that closed it. */
interface Span {
  server: Subject
  first: number
  /** Null: the flag is open. */
  last: number | null
  opened: ReadEntry | null
  closed: ReadEntry | null
}

function spanOf(declared: ReadEntry, entries: readonly ReadEntry[]): Span {
  const server = declared.fields?.one('server') ?? declared.subject
  const flags = entries.filter(({ type, subject }) => type.startsWith('flag-') && sameSubject(subject, server))
  const before = flags.filter(({ sequence }) => sequence < declared.sequence)
  const closings = before.filter(({ type }) => type === 'flag-closed')
  const since = closings.at(-1)?.sequence ?? 0
  const opened = before.find(({ type, sequence }) => type === 'flag-opened' && sequence > since) ?? null
  const closed = flags.find(({ type, sequence }) => type === 'flag-closed' && sequence > declared.sequence) ?? null
  const last = closed?.sequence ?? null
  return { server, first: opened?.sequence ?? declared.sequence, last, opened, closed }
}

function lossOf(span: Span, name: string, entries: readonly ReadEntry[], runbooks: readonly Runbook[]): StoryLoss {
  const { server, opened, closed } = span
  const isOf = ({ fields }: ReadEntry): boolean => sameSubject(fields?.one('server') ?? '', server)
  const within = entries.filter(({ sequence }) => sequence >= span.first && sequence <= (span.last ?? Infinity))
  const of = (type: string): ReadEntry[] => within.filter((one) => one.type === type && isOf(one))
  const merged = within.filter(({ type }) => type === 'recovery-declared' || type === 'recovery-changed').filter(isOf)
  const [declared] = merged
  const lostSince = declared?.fields?.one('since') ?? null
  const from = lostSince ?? opened?.at
  const runbook = closed === null ? runbooks.find((one) => sameSubject(one.subject, server)) : undefined
  const ended = endOf(span, name, entries.filter(isOf))
  const later = afterwards(span, name, entries).filter(isOf)
  const runs = within.filter((one) => ofRecoveryStep(one, server))
  return {
    ...{ server, scenario: declared?.fields?.one('scenario') ?? null, lostSince },
    flag: opened && { at: opened.at, message: opened.message },
    merged: merged.map(mergeOf),
    accepted: of('recovery-accepted').map(acceptanceOf),
    steps: stepsOf([...within.filter(isOf), ...later], runbook, ended?.fields?.all('left') ?? []),
    runs: runs.map(runOf),
    refused: of('step-refused').map(({ at, subject, fields }) => ({
      ...{ step: fields?.one('step') ?? null, subject, at, gates: [...(fields?.all('gate') ?? [])] },
      message: fields?.words ?? '',
    })),
    ended: ended && {
      ...{ at: ended.at, how: endings[ended.type] ?? 'closed' },
      ...said(ended.fields),
      note: ended.fields?.words || null,
    },
    flagClosed: closed && { at: closed.at, message: closed.message },
    seconds: closed && from !== undefined ? secondsBetween(from, closed.at) : null,
    journal: {
      first: span.first,
      last: Math.max(span.first, ...[...within, ...later, ...(ended ? [ended] : [])].map(({ sequence }) => sequence)),
    },
  }
}

const endings: Readonly<Record<string, 'closed' | 'finished' | 'withdrawn'>> = {
  'recovery-closed': 'closed',
  'recovery-finished': 'finished',
  'recovery-withdrawn': 'withdrawn',
}

/** What was left when the flag closed may be done later, and is told as the steps of the same loss. */
function afterwards({ last }: Span, name: string, entries: readonly ReadEntry[]): ReadEntry[] {
  if (last === null) return []
  const own = entries.filter(
    ({ sequence, fields }) => sequence > last && sameSubject(fields?.one('recovery') ?? '', name),
  )
  const next = own.find(({ type }) => type === 'recovery-declared')?.sequence ?? Infinity
  return own.filter(({ type, sequence }) => type.startsWith('step-') && sequence < next)
}

/** The last word on it before it is declared for a further loss; it follows the flag that closes with it. */
function endOf({ first, last }: Span, name: string, entries: readonly ReadEntry[]): ReadEntry | null {
  const own = entries.filter(({ fields }) => sameSubject(fields?.one('recovery') ?? '', name))
  const declared = own.filter(({ type }) => type === 'recovery-declared')
  const next = declared.find(({ sequence }) => last !== null && sequence > last)
  const begun = declared.findLast(({ sequence }) => sequence < (next?.sequence ?? Infinity))
  const after = begun?.sequence ?? first
  const ends = own.filter(
    ({ type, sequence }) => type in endings && sequence > after && sequence < (next?.sequence ?? Infinity),
  )
  return ends.at(-1) ?? null
}

function mergeOf({ at, revision, fields }: ReadEntry): StoryLoss['merged'][number] {
  const one = oneOf(fields)
  return {
    ...{ at, revision, author: one('author'), committed: one('committed'), message: fields?.words || null },
    ...{ run: one('run'), from: one('from') },
  }
}

function acceptanceOf({ at, fields }: ReadEntry): StoryLoss['accepted'][number] {
  const one = oneOf(fields)
  return {
    ...{ at, what: one('what'), of: one('of'), fact: one('fact'), ...said(fields) },
    ...{ author: one('author'), note: fields?.words || null },
  }
}

function said(fields: EntryFields | null): { by: string | null; asOf: Time | null } {
  const one = oneOf(fields)
  return { by: one('by'), asOf: one('as-of') }
}

function runOf({ at, actor, subject, fields, message, type }: ReadEntry): StoryLoss['runs'][number] {
  const one = oneOf(fields)
  const counts = (fields?.all('count') ?? []).flatMap((told) => {
    const [, what, number] = /^(.+) (\d+)$/.exec(told) ?? []
    return what === undefined ? [] : [[what, Number(number)] as const]
  })
  return {
    ...{ step: one('step'), subject, at, askedBy: actor, outcome: type.replace('action-', '') as 'done' },
    ...{ seconds: fields?.number('took') ?? null, set: one('set'), bytes: fields?.number('bytes') ?? null },
    counts: Object.fromEntries(counts),
    message: fields?.words ?? message,
  }
}

function oneOf(fields: EntryFields | null): (name: Parameters<EntryFields['one']>[0]) => string | null {
  return (name) => fields?.one(name) ?? null
}
