import { z } from 'zod'
import type { Action } from '../domain/action.ts'
import type { Plan } from '../domain/plan.ts'
import type { Flag } from '../domain/statement.ts'
import type { Difference } from '../plan/difference/row.ts'
import { actionKind, cause, condition, finding, flag, item, subject, time } from './shapes.ts'

const action = z.object({
  id: z.string(),
  kind: actionKind,
  subject,
  policy: z.string().optional(),
  set: z.string().optional(),
  items: z.array(item).optional(),
  cause,
  reason: z.string(),
})

const change = z.object({
  what: z.string().describe('policy, item, run, sets-kept, a setting of a policy, or a kind of resource'),
  subject,
  policy: z.string().optional(),
  kind: item.shape.kind.optional().describe('Kind of the item'),
  field: z.string().optional().describe('Field of the resource'),
  before: z.string().optional(),
  after: z.string().optional(),
  gained: z.array(z.string()).optional().describe('Of a list: the entries that came'),
  lost: z.array(z.string()).optional().describe('Of a list: the entries that went'),
  orphaned: z.literal(true).optional().describe('Of a removed item: no policy backs it up any more'),
  stillIn: z.array(z.string()).optional().describe('Of a removed item: the policies that back it up still'),
})

export const planShape = z.object({
  revision: z.string(),
  at: time,
  hash: z.string(),
  actions: z.array(action),
  findings: z.array(finding),
  conditions: z.array(condition),
  flags: z.array(flag),
  refused: z.array(
    z.object({ guard: z.string(), actions: z.array(z.string()), message: z.string(), override: z.string() }),
  ),
  base: z
    .object({
      revision: z.string(),
      summary: z.string().describe('The whole difference in one sentence'),
      added: z.array(change),
      removed: z.array(change),
      changed: z.array(change),
      expired: z
        .array(z.object({ policy: z.string(), set: z.string(), enforced: z.boolean() }))
        .describe('Sets that no rule keeps any more; nothing is deleted while the retention is not enforced'),
      notSeen: z.array(z.string()).describe('Locations whose share was not seen from here'),
    })
    .optional()
    .describe('What the revision changes against another one; only with --base'),
})
export type PlanView = z.infer<typeof planShape>

/** `holdfast plan` */
export function planView(plan: Plan, base: Difference | null): PlanView {
  const { revision, at, hash, actions, findings, conditions, flags, refused } = plan
  return {
    revision,
    at,
    hash,
    actions: actions.map(actionView),
    findings: [...findings],
    conditions: [...conditions],
    flags: flags.map(flagView),
    refused: refused.map(({ guard, actions: ids, message, override }) => ({
      guard,
      actions: [...ids],
      message,
      override,
    })),
    ...(base === null ? {} : { base }),
  }
}

/** A flag with its ground and every class that was seen. */
export function flagView(row: Flag): z.infer<typeof flag> {
  const { seenOf, ...flagged } = row
  return {
    ...{ ...flagged, evidence: [...row.evidence], seen: [...row.seen] },
    ...(seenOf && { seenOf: seenOf.map(({ subject: of, seen }) => ({ subject: of, seen: [...seen] })) }),
  }
}

function actionView(one: Action): PlanView['actions'][number] {
  const { id, kind, subject: about, cause: why, reason } = one
  return {
    id,
    kind,
    subject: about,
    ...('policy' in one ? { policy: one.policy } : {}),
    ...('set' in one && one.set !== null ? { set: one.set } : {}),
    ...('items' in one ? { items: [...one.items] } : {}),
    cause: why,
    reason,
  }
}
