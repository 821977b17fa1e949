import { isSameRow } from '../../domain/procedures/order.ts'
import type { RowName } from '../../domain/procedures/row.ts'
import type { Runbook } from '../../domain/runbook.ts'
import type { ReadEntry } from './entries.ts'
import type { StoryLoss } from './shape.ts'

type StoryStep = StoryLoss['steps'][number]
type Change = StoryStep['changes'][number]

const states: Readonly<Record<string, Change['state']>> = {
  'step-done': 'done',
  'step-undone': 'undone',
  'step-blocked': 'blocked',
  'step-ended': 'ended',
}

/**
 * Each step with what became of it. `runbook`: as it is now, where it is open; else what was `left` (`id of subject`) when the
 * Recovery ended follows the steps of which an entry says something.
 */
export function stepsOf(
  entries: readonly ReadEntry[],
  runbook: Runbook | undefined,
  left: readonly string[],
): StoryStep[] {
  const told = entries.filter(({ type }) => states[type] !== undefined)
  const names: RowName[] = [
    ...(runbook?.steps ?? []),
    ...told.map(nameOf),
    ...left.flatMap((text) => {
      const [, id, subject] = /^(\S+) of (.+)$/.exec(text) ?? []
      return id === undefined || subject === undefined ? [] : [{ id, subject }]
    }),
  ]
  const once = names.filter((name, index) => !names.slice(0, index).some((other) => isSameRow(name, other)))
  return once.map((name) => stepOf(name, told, runbook))
}

function nameOf({ subject, fields }: ReadEntry): RowName {
  return { id: fields?.one('step') ?? '', subject }
}

function stepOf(name: RowName, told: readonly ReadEntry[], runbook: Runbook | undefined): StoryStep {
  const own = told.filter((entry) => isSameRow(nameOf(entry), name))
  const changes = own.map(changeOf)
  const now = runbook?.steps.find((one) => isSameRow(one, name))
  const last = changes.at(-1)?.state
  return {
    ...{ step: name.id === '' ? null : name.id, subject: name.subject },
    title: now?.title ?? own[0]?.fields?.one('title') ?? null,
    state: last ?? (now?.state === 'done' ? 'done' : 'left'),
    changes,
  }
}

function changeOf({ at, type, fields }: ReadEntry): Change {
  const one = (name: 'since' | 'by' | 'as-of' | 'author' | 'way' | 'fork'): string | null => fields?.one(name) ?? null
  const how = fields?.one('how')
  return {
    ...{ at, state: states[type] ?? 'undone', since: one('since') },
    how: how === 'seen' || how === 'said' || how === 'ran' ? how : null,
    ...{ by: one('by'), asOf: one('as-of'), author: one('author'), way: one('way'), endedBy: one('fork') },
    evidence: fields?.words || null,
  }
}
