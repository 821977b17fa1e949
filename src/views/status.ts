import { z } from 'zod'
import { secondsBetween, type Time } from '../base/time.ts'
import { hosts, type Host } from '../domain/hosts.ts'
import type { BackupPolicy, Desired } from '../domain/model.ts'
import { objectives } from '../domain/objectives.ts'
import { newest, recoveryPoints } from '../domain/recovery-point.ts'
import { foldSubject } from '../domain/subject.ts'
import type { SetSummary } from '../domain/backup-set.ts'
import type { Observed } from '../domain/observation.ts'
import type { Memory, Plan } from '../domain/plan.ts'
import type { Flag } from '../domain/statement.ts'
import { classes, scenarios, type Outcome, type SetState } from '../domain/words.ts'
import { digest as digestOf, type Digest } from '../plan/digest.ts'
import { nextRunAt } from '../plan/due/backup.ts'
import { flagOf } from './flag-of.ts'
import { flagView } from './plan.ts'
import { condition, flag, item, outcome, subject, time } from './shapes.ts'

export const statusShape = z.object({
  revision: z.string().describe('The one applied'),
  at: time,
  conditions: z.array(condition),
  flags: z.array(flag),
  policies: z.array(
    z.object({
      name: z.string(),
      lastSet: z.string().nullable(),
      lastOutcome: outcome.nullable(),
      nextRunAt: time.nullable(),
      running: z.boolean(),
    }),
  ),
  items: z.array(
    item.extend({
      recoveryPoint: z.object({ set: z.string(), at: time }).nullable(),
      ageSeconds: z.number().nullable(),
      objectiveSeconds: z.number().nullable(),
    }),
  ),
  servers: z
    .array(
      z.object({
        fqdn: z.string(),
        pool: subject.optional(),
        roles: z.array(z.string()),
        class: z.enum(classes),
        flag: z
          .object({ scenario: z.enum(scenarios), reason: z.string(), since: time })
          .nullable()
          .describe('The one on the host, on a database or share it holds, or on its whole pool'),
      }),
    )
    .describe('Every host of the topology, SQL and file servers too'),
})
export type StatusView = z.infer<typeof statusShape>

export interface Snapshot {
  desired: Desired
  observed: Observed
  memory: Memory
  plan: Plan
  now: Time
}

/** `holdfast status` */
export function statusView({ desired, observed, memory, plan, now }: Snapshot): StatusView {
  const digest = digestOf(desired, observed, memory, now)
  return {
    revision: plan.revision,
    at: now,
    conditions: [...plan.conditions],
    flags: plan.flags.map(flagView),
    policies: desired.policies.map((policy) => policyRow(policy, digest)),
    items: itemRows(desired, digest),
    servers: hosts(desired).map((host) => serverRow(host, digest, plan.flags)),
  }
}

function serverRow(host: Host, { classes }: Digest, flags: readonly Flag[]): StatusView['servers'][number] {
  const { fqdn, pool, roles } = host
  const flag = flagOf(host, flags)
  return {
    fqdn,
    ...(pool === null ? {} : { pool }),
    roles: [...roles],
    class: classes.hosts.get(foldSubject(fqdn))?.class ?? 'unknown',
    flag: flag && { scenario: flag.scenario, reason: flag.reason, since: flag.since },
  }
}

function policyRow(policy: BackupPolicy, digest: Digest): StatusView['policies'][number] {
  const last = newest(digest.setsOf(policy.name), digest.now, ({ state }) => state !== 'in-progress')
  return {
    name: policy.name,
    lastSet: last?.id ?? null,
    lastOutcome: lastOutcome(policy, last, digest),
    nextRunAt: nextRunAt(policy, digest),
    running: digest.inFlight('create-backup-set', policy.name),
  }
}

const outcomeOf: Record<Exclude<SetState, 'in-progress'>, Outcome> = {
  complete: 'done',
  damaged: 'done',
  partial: 'partial',
  interrupted: 'interrupted',
}

/** How the last run ended: what is remembered, where it is newer than the newest folder, else what the folder tells. */
function lastOutcome(policy: BackupPolicy, last: SetSummary | null, digest: Digest): Outcome | null {
  const attempt = digest.attempts('create-backup-set', policy.name).at(-1)
  if (attempt && (last === null || attempt.endedAt >= (last.finishedAt ?? last.startedAt))) return attempt.outcome
  return last === null || last.state === 'in-progress' ? null : outcomeOf[last.state]
}

function itemRows(desired: Desired, { copies, now }: Digest): StatusView['items'] {
  const wanted = objectives(desired)
  const points = recoveryPoints(
    wanted.map((row) => row.item),
    copies,
  )
  return wanted.map(({ item: { kind, subject: about }, item: key, seconds }) => {
    const point = points.get(key) ?? null
    return {
      kind,
      subject: about,
      recoveryPoint: point,
      ageSeconds: point === null ? null : Math.max(0, Math.round(secondsBetween(point.at, now))),
      objectiveSeconds: seconds,
    }
  })
}
