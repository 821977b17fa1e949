import type { Time } from '../base/time.ts'
import type { Desired } from '../domain/model.ts'
import type { Observed } from '../domain/observation.ts'
import type { Memory, Plan } from '../domain/plan.ts'
import { conditions } from './conditions/conditions.ts'
import { digest as digestOf } from './digest.ts'
import { due } from './due/due.ts'
import { judge } from './findings/findings.ts'
import { flags } from './loss/flags.ts'
import { guard } from './guards.ts'
import { planHash } from './due/hash.ts'
import { carry } from './standing.ts'

/** What should be done now and what must be said about the world: no I/O, no clock, no chance. */
export function plan(desired: Desired, observed: Observed, memory: Memory, now: Time): Plan {
  const digest = digestOf(desired, observed, memory, now)
  const { actions, refused } = guard(due(digest), digest)
  const { findings, ignored } = judge(digest)
  const standing = carry(memory.standing, { conditions: conditions(digest), findings, flags: flags(digest) }, now)
  return {
    revision: desired.revision,
    at: now,
    hash: planHash(desired.revision, actions),
    actions,
    refused,
    ignored,
    ...standing,
  }
}
