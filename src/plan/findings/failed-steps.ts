import type { Runbook, Step } from '../../domain/runbook.ts'
import type { Finding } from '../../domain/statement.ts'
import { foldSubject } from '../../domain/subject.ts'
import type { Digest } from '../digest.ts'
import type { Fresh } from '../standing.ts'
import type { FindingRule } from './rule.ts'

/** A step of a recovery that Holdfast tried and that did not end well, until it does or something undoes it. */
export const failedSteps: FindingRule = { codes: ['recovery-step-failed'], find }

function find({ runbooks }: Digest): Fresh<Finding>[] {
  const found = runbooks.flatMap((runbook) => runbook.steps.flatMap((step) => failureOf(step, runbook)))
  return [...Map.groupBy(found, ({ subject }) => foldSubject(subject)).values()].flatMap(([first]) => first ?? [])
}

function failureOf({ id, subject, title, state, run }: Step, runbook: Runbook): Fresh<Finding>[] {
  const { tried } = run ?? {}
  if (runbook.recovery === null || state !== 'ready' || !tried || tried.outcome === 'interrupted') return []
  const why = tried.message ?? 'nobody says why'
  return [
    {
      ...{ code: 'recovery-step-failed', severity: 'error', subject, desired: title, observed: why },
      message: `Step ${id} of Recovery ${runbook.recovery} did not end well: ${why}`,
      remedy: `holdfast explain, with the code at the end of that, says what to do. It is tried again by itself, less and less often; at once by holdfast restore ${runbook.subject}.`,
    },
  ]
}
