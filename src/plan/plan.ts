import type { Time } from '../base/time.ts'
import type { Desired } from '../domain/model.ts'
import type { Observed } from '../domain/observation.ts'
import type { Memory, Plan } from '../domain/plan.ts'
import type { ClassRow } from '../domain/statement.ts'
import { conditions } from './conditions/conditions.ts'
import type { Digest } from './digest.ts'
import { digestOf } from './digest-of.ts'
import { due } from './due/due.ts'
import { coverage } from './findings/coverage.ts'
import { findings } from './findings/findings.ts'
import { guard } from './guards.ts'
import { closedRunbooks } from './recovery/runbooks.ts'
import { planHash } from './due/hash.ts'
import { carry } from './standing.ts'

/** What should be done now and what must be said about the world: no I/O, no clock, no chance. */
export function plan(desired: Desired, observed: Observed, memory: Memory, now: Time): Plan {
  const digest = digestOf(desired, observed, memory, now)
  const { actions, refused } = guard(due(digest), digest)
  const { told, ignored } = findings(digest)
  const { flags, runbooks, leftovers } = digest
  const fresh = { conditions: conditions(digest), findings: told, flags, runbooks, leftovers }
  return {
    revision: desired.revision,
    at: now,
    hash: planHash(desired.revision, actions),
    actions,
    refused,
    ...carry(memory.standing, fresh, now),
    closed: closedRunbooks(digest),
    ignored,
    classes: classRows(digest),
    coverage: coverage(desired, observed),
  }
}

/** Without their grounds, which are made when somebody asks. */
function classRows({ classes: { hosts, databases, fileStores } }: Digest): ClassRow[] {
  return [hosts, databases, fileStores].flatMap((map) =>
    [...map.values()].map(({ subject, class: kind, since, reason }) => ({ subject, class: kind, since, reason })),
  )
}
