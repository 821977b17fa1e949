import { z } from 'zod'
import type { BackupSet } from '../domain/backup-set.ts'
import type { Snapshot } from '../domain/plan.ts'
import { digestOf } from '../plan/digest-of.ts'
import { doubts } from '../domain/words.ts'
import { bytes, cause, item, itemState, leftOut, level, setState, time } from './shapes.ts'

export const setShape = z.object({
  id: z.string().describe('<policy>/<folder name>'),
  policy: z.string(),
  location: z.string(),
  path: z.string().describe('Absolute, as this daemon reaches it'),
  unc: z.string(),
  revision: z.string(),
  cause,
  slot: time.nullable(),
  whole: z.boolean().describe('All items of the policy, or a part after a configuration change'),
  state: setState,
  startedAt: time,
  finishedAt: time.nullable(),
  bytes,
  files: z.int().min(0),
  items: z.array(
    item.extend({
      path: z.string().describe('Relative to the path of the set'),
      outcome: itemState,
      doubt: z
        .enum(doubts)
        .optional()
        .describe(
          'Of a suspect item: incomplete: it is a recovery point, but for its gaps; content: nobody should rely on it',
        ),
      bytes,
      code: z
        .string()
        .optional()
        .describe('Why it is not ok, or is so with a doubt: explained in docs/errors/<code>.md'),
      message: z.string().optional(),
      notTaken: z
        .record(z.string(), leftOut)
        .optional()
        .describe('Of a file store: what was left out, by reason (docs/backup-set-format.md)'),
    }),
  ),
  verifications: z.array(z.object({ level, at: time, outcome: z.enum(['ok', 'damaged']) })),
})
export const setsShape = z.object({
  sets: z.array(setShape),
  unseen: z
    .array(z.object({ location: z.string(), since: time, message: z.string() }))
    .describe('Locations that cannot be seen now: their sets are told as last seen'),
})
export type SetView = z.infer<typeof setShape>

/** One set, as in `holdfast sets` and `holdfast backup --wait`. */
export function setView(set: BackupSet): SetView {
  const { id, policy, location, path, unc, revision, cause: why, slot, whole, state, startedAt, finishedAt } = set
  return {
    ...{ id, policy, location, path, unc, revision, cause: why, slot, whole, state, startedAt, finishedAt },
    bytes: set.bytes,
    files: set.files,
    items: set.items.map(({ kind, subject, path: where, outcome, doubt, bytes: size, code, message, notTaken }) => ({
      kind,
      subject,
      path: where,
      outcome,
      ...(doubt === undefined ? {} : { doubt }),
      bytes: size,
      ...(code === undefined ? {} : { code }),
      ...(message === undefined ? {} : { message }),
      ...(notTaken === undefined ? {} : { notTaken }),
    })),
    verifications: set.verifications.map(({ level: checked, at, outcome }) => ({ level: checked, at, outcome })),
  }
}

/** `holdfast sets`: newest first; and which of their locations cannot be seen now. */
export function setsView(sets: readonly BackupSet[], snapshot: Snapshot | null): z.infer<typeof setsShape> {
  const newestFirst = [...sets].sort((a, b) => (a.startedAt === b.startedAt ? 0 : a.startedAt > b.startedAt ? -1 : 1))
  return { sets: newestFirst.map(setView), unseen: snapshot === null ? [] : unseenIn(snapshot) }
}

function unseenIn({ desired, observed, memory, now }: Snapshot): z.infer<typeof setsShape>['unseen'] {
  const { hidden } = digestOf(desired, observed, memory, now)
  return desired.locations.flatMap(({ name }) => {
    const fault = hidden(name)
    const since = observed.facts.location.get(name)?.since ?? now
    return fault === null ? [] : [{ location: name, since, message: fault.message }]
  })
}
