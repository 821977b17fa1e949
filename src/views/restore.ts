import { z } from 'zod'
import { notFlagged } from '../domain/gate.ts'
import { sameSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'
import { gitUnread, refusedShape, runbookShape, runbookView } from './runbook.ts'
import type { RestoreSnapshot } from '../plan/recovery/lost-now.ts'
import { subject, time } from './shapes.ts'

export const restoreShape = z
  .object({
    at: time,
    server: subject,
    scenario: runbookShape.shape.scenario,
    set: z.string().describe('latest: the newest usable copy of each item; or the set that the Recovery names'),
    recovery: z.string().nullable().describe('The Recovery in Git that declares it; null: there is none'),
    gitUnread,
    refused: z.array(refusedShape).describe('Why nothing is run, or not everything: each reason once'),
    steps: runbookShape.shape.steps,
  })
  .describe('The steps of a recovery that Holdfast runs, and what stands against each')
export type RestoreView = z.infer<typeof restoreShape>

/** `holdfast restore`. Null when nothing of that name can be lost. */
export function restoreView(snapshot: RestoreSnapshot, server: Subject): RestoreView | null {
  const view = runbookView(snapshot, [server])
  if (view === null) return null
  const isFlagged = snapshot.plan.runbooks.some((one) => sameSubject(one.subject, view.server))
  const steps = view.steps.filter(({ run }) => run !== undefined)
  const own = steps.flatMap(({ run }) => run?.refused ?? [])
  const message = notFlagged(view.server, snapshot.desired.deployment.graceSeconds)
  const refused = isFlagged ? own : [{ gate: 'not-flagged' as const, message }]
  return {
    ...{ at: view.at, server: view.server, scenario: view.scenario, set: view.from, recovery: view.recovery },
    ...(view.gitUnread === undefined ? {} : { gitUnread: view.gitUnread }),
    refused: [...new Map(refused.map((one) => [`${one.gate} ${one.message}`, one])).values()],
    steps: isFlagged ? steps : view.steps.filter(({ actor }) => actor === 'holdfast'),
  }
}
