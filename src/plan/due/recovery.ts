import type { Action } from '../../domain/action.ts'
import { isFrozenAlone, type Runbook, type Step } from '../../domain/runbook.ts'
import { sameSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import { isSinceLoss } from '../recovery/accepted.ts'
import { locationOf } from '../recovery/step-runs.ts'
import { askedFor, equalRequests } from './equal-requests.ts'
import { againAt } from './tries.ts'

/** The steps that Holdfast runs now: what a `Recovery` asks for, where the gate is open; one at a time for each subject. */
export function dueRecoverySteps(digest: Digest): Action[] {
  if (digest.flags.length === 0) return []
  const subjects = new Set<string>()
  return digest.runbooks
    .flatMap((runbook) => runbook.steps.flatMap((step) => dueStep(step, runbook, digest) ?? []))
    .filter(({ subject }) => !subjects.has(subject) && subjects.add(subject))
}

function dueStep(step: Step, runbook: Runbook, digest: Digest): Action | null {
  const { run } = step
  if (!run || step.state !== 'ready' || run.isRunning || (run.done && !isUndone(step, runbook))) return null
  // What is frozen alone is due, and the guard says so.
  if (run.refused.length > 0 && !isFrozenAlone(run)) return null
  const recovery = digest.desired.recoveries.find(({ name }) => name === runbook.recovery)
  const location = locationOf(step, runbook.steps, digest)
  if (!recovery || location === null) return null
  const asked = equalRequests(digest.memory.requests).find(
    ({ request: { wish } }) => 'restore' in wish && sameSubject(wish.restore, runbook.subject),
  )
  if (!asked && isTooEarly(run.action, step, digest)) return null
  return {
    ...{ kind: 'recovery-step', id: run.action, subject: step.subject, location },
    ...{ recovery: recovery.name, server: runbook.subject, step: step.id, operation: run.operation, set: run.set },
    lostSince: step.lostAgainAt ?? runbook.since,
    accepts: (runbook.declaration?.accepts ?? [])
      .filter(({ at }) => isSinceLoss(at, step.lostAgainAt))
      .map(({ what, subject, fact }) => ({ what, subject, fact })),
    ...(asked
      ? askedFor(asked)
      : { cause: 'intentional', reason: `Recovery ${recovery.name} asks for it.`, request: null }),
  }
}

/**
 * Services that were started again before their import came: until they are stopped once more, it never comes. And those that
 * were started before it came once more, after another loss: until they are started again, nobody works. Of other rows a run
 * stays done that is older than one that it needs: Response Groups are not lost when their pool is started again.
 */
function isUndone({ subject, run }: Step, { steps }: Runbook): boolean {
  const { operation, done } = run ?? {}
  if (operation?.kind !== 'stop-services' && operation?.kind !== 'start-services') return false
  const fill = steps.find(({ run: other }) => {
    const item = other?.operation.kind === 'restore-item' ? other.operation.item : null
    return item?.kind === 'user-data' && sameSubject(item.subject, subject)
  })
  const came = fill?.run?.done
  if (operation.kind === 'stop-services') return fill !== undefined && fill.state !== 'done' && came === undefined
  return came !== undefined && done !== undefined && done.at < came.at
}

/** What did not work is tried again, less and less often; what our own end broke off, at once. */
function isTooEarly(action: string, { subject }: Step, digest: Digest): boolean {
  const attempts = digest.attempts('recovery-step', subject).filter((one) => one.action === action)
  const retry = againAt(attempts, digest.now)
  return retry !== null && retry > digest.now
}
