import type { Time } from '../base/time.ts'
import type { Desired } from '../domain/model.ts'
import type { Memory, Observed, Plan } from '../domain/words.ts'
import { conditions } from './conditions.ts'
import { digest as digestOf } from './digest.ts'
import { due } from './due.ts'
import { findings } from './findings.ts'
import { flags } from './flags.ts'
import { guard } from './guards.ts'
import { planHash } from './hash.ts'
import { carry } from './standing.ts'

/** What should be done now and what must be said about the world: no I/O, no clock, no chance. */
export function plan(desired: Desired, observed: Observed, memory: Memory, now: Time): Plan {
  const digest = digestOf(desired, observed, memory, now)
  const { actions, refused } = guard(due(digest), digest)
  const standing = carry(
    memory.standing,
    { conditions: conditions(digest), findings: findings(digest), flags: flags(digest) },
    now,
  )
  return {
    revision: desired.revision,
    at: now,
    hash: planHash(desired.revision, actions),
    actions,
    refused,
    ...standing,
  }
}
