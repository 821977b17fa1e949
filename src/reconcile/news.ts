import type { Memory, Plan } from '../domain/plan.ts'
import { changes, type Change } from '../plan/standing.ts'
import type { NewEntry } from '../store/store.ts'

type Applied = NonNullable<Memory['applied']>

/** What a pass says for the first time, or no more: what the journal keeps, and what somebody has to be told. */
export function newsOf(before: Memory, plan: Plan, applied: Applied): { changes: Change[]; entries: NewEntry[] } {
  const found = changes(before.standing, plan)
  const isApplied = before.applied?.revision === applied.revision
  return {
    changes: found,
    entries: [
      ...(isApplied ? [] : [entryOfRevision(applied, before.applied?.revision)]),
      ...found.map((change) => entryOfChange(change, plan)),
    ],
  }
}

function entryOfRevision({ revision, subjects }: Applied, before: string | undefined): NewEntry {
  return {
    actor: 'holdfast',
    cause: 'intentional',
    revision,
    type: 'revision-applied',
    subject: 'git',
    message: `${revision} with ${subjects} subjects${before === undefined ? '' : `, after ${before}`}`,
  }
}

function entryOfChange({ type, statement }: Change, { revision }: Plan): NewEntry {
  const common = { actor: 'holdfast', cause: 'observed', revision, subject: statement.subject }
  if ('status' in statement) {
    const { status, reason, message } = statement
    return { ...common, type: `condition-${type}`, message: `${statement.type} ${status} (${reason}): ${message}` }
  }
  if ('code' in statement)
    return { ...common, type: `finding-${type}`, message: `${statement.code}: ${statement.message}` }
  return { ...common, type: `flag-${type}`, message: `${statement.scenario}: ${statement.reason}` }
}
