import type { Snapshot } from '../../domain/plan.ts'
import { sourceOf } from '../git-sight.ts'
import type { FindingRule } from './rule.ts'

const code = 'history-rewritten'

/** Somebody rewrote the history of the branch. It is told until a later commit acknowledges it, or restores what was. */
export const rewrittenHistory: FindingRule = {
  codes: [code],
  find(digest) {
    const source = sourceOf(digest)
    if (!source?.known || !source.value.rewritten) return []
    const from = source.value.rewritten.from.slice(0, 12)
    return [
      {
        code,
        severity: 'warning',
        subject: digest.desired.deployment.name,
        desired: `a head that descends from ${from}`,
        observed: 'another history',
        message: `The history of the branch was rewritten: its head does not descend from ${from}, which was in force before.`,
      },
    ]
  },
  /** The commit that rewrites does not acknowledge itself. */
  isFirm(_finding, { desired, observed }) {
    const source = sourceOf({ desired, observed })
    return source?.known === true && source.value.rewritten?.to === desired.revision
  },
}

/** Whether a Suspension leaves the finding out: then nobody has to be told of it again. */
export function isRewritingAcknowledged({ plan }: Pick<Snapshot, 'plan'>): boolean {
  return plan.ignored.some(({ finding }) => finding.code === code)
}
