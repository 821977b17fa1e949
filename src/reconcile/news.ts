import { tellCommit, type Commit } from '../domain/commit.ts'
import type { Observed } from '../domain/observation.ts'
import type { Memory, Plan } from '../domain/plan.ts'
import { changes, type Change } from '../plan/standing.ts'
import type { NewEntry } from '../store/store.ts'

type Applied = NonNullable<Memory['applied']>

/** What a pass says for the first time, or no more: what the journal keeps, and what somebody has to be told. */
export function newsOf(
  before: Memory,
  plan: Plan,
  applied: Applied,
  { source }: Pick<Observed['facts'], 'source'>,
): { changes: Change[]; entries: NewEntry[] } {
  const found = changes(before.standing, plan)
  const isApplied = before.applied?.revision === applied.revision
  return {
    changes: found,
    entries: [
      ...(isApplied ? [] : [entryOfRevision(applied, before.applied?.revision, source)]),
      ...found.map((change) => entryOfChange(change, plan)),
    ],
  }
}

function entryOfRevision(
  { revision, subjects }: Applied,
  before: string | undefined,
  source: Observed['facts']['source'],
): NewEntry {
  const after = before === undefined ? '' : `, after ${tellCommit(before, undefined)}`
  const jump = before !== undefined && isRewriting(revision, source) ? ', which it does not descend from' : ''
  return {
    actor: 'holdfast',
    cause: 'intentional',
    revision,
    type: 'revision-applied',
    subject: 'git',
    message: `${tellCommit(revision, commitOf(revision, source))}, ${subjects} subjects${after}${jump}`,
  }
}

/** What the source says of the revision in force; undefined where it says nothing, or speaks of another. */
function commitOf(revision: string, source: Observed['facts']['source']): Commit | undefined {
  const [fact] = [...source.values()]
  return fact?.known === true && fact.value.lastGood === revision ? fact.value.commit : undefined
}

function isRewriting(revision: string, source: Observed['facts']['source']): boolean {
  return [...source.values()].some((fact) => fact.known && fact.value.rewritten?.to === revision)
}

function entryOfChange(change: Change, { revision }: Plan): NewEntry {
  const { type, statement } = change
  const [kind, name, said] = wordsOf(statement)
  const message = change.type === 'closed' ? change.because : said
  const isIgnored = change.type === 'closed' && change.ending === 'ignored'
  return {
    actor: 'holdfast',
    cause: 'observed',
    revision,
    type: `${kind}-${isIgnored ? 'ignored' : type}`,
    subject: statement.subject,
    message: `${name}: ${message}`,
  }
}

/** What sort of statement it is, its name, and what it says. */
function wordsOf(statement: Change['statement']): [string, string, string] {
  if ('status' in statement) {
    const { type, status, reason, message } = statement
    return ['condition', `${type} ${status} (${reason})`, message]
  }
  if ('code' in statement) return ['finding', statement.code, statement.message]
  return ['flag', statement.scenario, statement.reason]
}
