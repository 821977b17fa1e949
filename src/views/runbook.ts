import { z } from 'zod'
import { machineOf } from '../domain/hosts.ts'
import { stepStates, type Runbook, type StepRun } from '../domain/runbook.ts'
import { sameSubject } from '../domain/subject.ts'
import type { Subject } from '../domain/words.ts'
import { gitUnseen } from '../plan/git-sight.ts'
import { openRecovery } from '../plan/recovery/runbooks.ts'
import { unitedSteps, type UnitedStep } from '../plan/recovery/united.ts'
import { recoverableBy, recoverableShape, rowName, stepShape } from './recoverable.ts'
import type { RestoreSnapshot } from '../plan/recovery/lost-now.ts'
import { subject, time } from './shapes.ts'
import { acceptables, gates } from '../domain/gate.ts'
import { outcomes } from '../domain/words.ts'

export const refusedShape = z.object({
  gate: z.enum(gates),
  message: z.string(),
  accept: z
    .object({ what: z.enum(acceptables), subject, fact: z.string().optional() })
    .optional()
    .describe('What a Recovery may accept by name to go on all the same'),
})

const stepRunShape = z.object({
  refused: z.array(refusedShape).describe('What stands against it now; empty: its gate is open, or it is done'),
  running: z.boolean().describe('It is under way'),
  percent: z.int().min(0).max(100).optional().describe('How far it is, where that can be told'),
  reading: z
    .literal(true)
    .optional()
    .describe('`percent` is of the bytes of the backup: it is read once more, and nothing is changed yet'),
  done: z.object({ at: time, message: z.string().nullable() }).optional().describe('How it was run to its end'),
  tried: z
    .object({ at: time, outcome: z.enum(outcomes), message: z.string().nullable() })
    .optional()
    .describe('How the last try ended that did not do it'),
})

const standingStep = stepShape.extend({
  state: z
    .enum(stepStates)
    .optional()
    .describe(
      'As the daemon last saw it; absent where not all that was asked for is flagged, or left to do of a recovery',
    ),
  since: time.optional().describe('Since when the state is so'),
  evidence: z.string().optional().describe('What was seen of it, or who says so'),
  lastSeenAt: time.optional().describe('Its evidence cannot be seen now: the state is of then'),
  taken: z.string().optional().describe('Of a fork: the way that it took'),
  endedBy: rowName.optional().describe('The fork that made it needless'),
  acknowledgeable: z
    .boolean()
    .optional()
    .describe('Recovery.acknowledge, or of a fork Recovery.choose, can stand for it now'),
  run: stepRunShape.optional().describe('Holdfast runs it, where a Recovery says run: holdfast and its gate is open'),
})

export const gitUnread = z
  .string()
  .optional()
  .describe('Why Git cannot be read now: all is by its last good revision, and nothing is run; absent: it was read')

export const runbookShape = z
  .object({
    at: time,
    revision: z.string().describe('The one whose topology the steps name'),
    from: z.string().describe('latest: the newest usable copy of each item; or the set that the Recovery names'),
    also: z.array(subject).optional().describe('What is lost together with `server`: the steps bring back all of them'),
    recovery: z.string().nullable().describe('The Recovery in Git that declares it; null: there is none'),
    gitUnread,
  })
  .extend(recoverableShape.omit({ pairing: true }).shape)
  .extend({ steps: z.array(standingStep) })
  .describe('The procedure for what is lost, and how each step stands. Holdfast watches; a person does the steps')
export type RunbookView = z.infer<typeof runbookShape>

/**
 * `holdfast runbook`, of what is lost together. Null when nothing of one of the names can be lost. Steps have a state where
 * all that is asked for is flagged, each by itself or by what is wider, or is left to do of a recovery.
 */
export function runbookView(snapshot: RestoreSnapshot, subjects: readonly Subject[]): RunbookView | null {
  const [server = '', ...also] = subjects
  const said = also.length > 0 ? undefined : openRecovery(server, snapshot.desired.recoveries)
  const from = said?.from ?? 'latest'
  const row = recoverableBy(snapshot, from)(subjects)
  if (!row) return null
  const { pairing: _, steps, ...procedure } = row
  const about = { at: snapshot.now, revision: snapshot.desired.revision, from }
  const unread = gitUnseen(snapshot)
  const runbooks = subjects.flatMap((one) => runbookOf(one, snapshot) ?? [])
  const isWatched = runbooks.length === subjects.length
  const rows = steps.map(({ branch = [], ...one }) => ({ ...one, in: branch }))
  const once = also.length > 0 ? snapshot.desired.deployment.name : server
  const states = isWatched ? unitedSteps(rows, once, [...new Set(runbooks)]) : []
  return {
    ...(unread === null ? {} : { gitUnread: unread }),
    ...{ ...about, recovery: also.length > 0 ? null : (runbooks[0]?.recovery ?? null), ...procedure },
    steps: steps.map((step, index) => ({ ...step, ...standing(states[index], snapshot) })),
    ...(also.length === 0 ? {} : { also }),
  }
}

/** Of its own flag, or of the one that speaks for it: that of its machine, or of its pool; or of what is left of it. */
function runbookOf(about: Subject, { plan, desired }: RestoreSnapshot): Runbook | undefined {
  const machine = machineOf(about)
  const pool = desired.pools.find(({ servers }) => servers.some((one) => sameSubject(one, machine)))
  const wider = [about, machine, ...(pool ? [pool.fqdn] : [])]
  const isOf = (name: Subject) => (one: Runbook) => sameSubject(one.subject, name)
  return wider.flatMap((name) => plan.runbooks.find(isOf(name)) ?? [])[0] ?? (plan.leftovers ?? []).find(isOf(about))
}

function standing(step: UnitedStep | undefined, snapshot: RestoreSnapshot): Partial<RunbookView['steps'][number]> {
  if (!step) return {}
  const { state, since, evidence, lastSeenAt, branch, endedBy, isAcknowledgeable, run } = step
  return {
    ...{ state, acknowledgeable: isAcknowledgeable },
    ...(since === undefined ? {} : { since }),
    ...(run === undefined ? {} : { run: runView(run, snapshot) }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    ...(branch === undefined ? {} : { taken: branch }),
    ...(endedBy === undefined ? {} : { endedBy }),
  }
}

function runView(
  { action, refused, done, tried }: StepRun,
  { memory: { inFlight, progress } }: RestoreSnapshot,
): NonNullable<RunbookView['steps'][number]['run']> {
  const running = inFlight.some(({ id }) => id === action)
  const told = running ? progress[action] : undefined
  return {
    refused: [...refused, ...(tried?.refused ? [tried.refused] : [])].map(({ accept, ...told }) => ({
      ...told,
      ...(accept === undefined ? {} : { accept: { ...accept } }),
    })),
    running,
    ...(told === undefined ? {} : { percent: told.percent, ...(told.reading && { reading: told.reading }) }),
    ...(done ? { done } : {}),
    ...(tried ? { tried: { at: tried.at, outcome: tried.outcome, message: tried.message } } : {}),
  }
}
