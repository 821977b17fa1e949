import { z } from 'zod'
import { secondsBetween, type Time } from '../base/time.ts'
import type { SetSummary } from '../domain/backup-set.ts'
import { actionKindNames } from '../domain/action.ts'
import { hosts, type Host } from '../domain/hosts.ts'
import type { BackupPolicy, Suspension } from '../domain/model.ts'
import { objectives } from '../domain/objectives.ts'
import type { Heart, Snapshot } from '../domain/plan.ts'
import { isPointable, newest, type RecoveryPoint } from '../domain/recovery-point.ts'
import { actors } from '../domain/procedures/row.ts'
import { leftSteps, nextSteps, stepStates, type Runbook } from '../domain/runbook.ts'
import { foldSubject, itemKey } from '../domain/subject.ts'
import { classes, scenarios, type Outcome, type SetState } from '../domain/words.ts'
import type { Digest } from '../plan/digest.ts'
import { digestOf } from '../plan/digest-of.ts'
import { nextRunAt } from '../plan/due/backup.ts'
import { freezeInWords, freezeOf, freezes } from '../plan/suspensions.ts'
import { verdictOf } from '../plan/verdict/verdict.ts'
import { flagOf } from './flag-of.ts'
import { flagView } from './plan.ts'
import { actionKind, condition, flag, item, leftOut, outcome, subject, time, verdict } from './shapes.ts'

const recovery = z.object({
  server: subject,
  recovery: z.string().nullable().describe('The Recovery in Git; null: nobody declared one'),
  done: z.int().describe('Steps that are done'),
  steps: z.int().describe('Steps that have to be done: without those that a fork ended'),
  next: z
    .array(
      z.object({
        ...{ id: z.string(), subject, title: z.string(), actor: z.enum(actors), state: z.enum(stepStates) },
        evidence: z.string().optional(),
        suspended: z.string().optional().describe('Which Suspension freezes it, until when, and why'),
      }),
    )
    .describe('What can be done now, and what is blocked'),
})

const suspension = z.object({
  name: z.string(),
  actions: z.array(actionKind),
  subjects: z.array(subject),
  until: time,
  reason: z.string(),
})

export const statusShape = z.object({
  verdict,
  daemon: z.object({
    running: z.boolean().describe('A daemon holds the lease'),
    lastPassAt: time.nullable().describe('When it last looked at all that is known and decided'),
  }),
  revision: z.string().describe('The one applied'),
  at: time,
  conditions: z.array(condition),
  flags: z.array(flag),
  recoveries: z
    .array(recovery)
    .describe(
      'How what is flagged comes back: one for each flag, declared in Git or not; and what is left to do of those that closed',
    ),
  suspensions: z.array(suspension).describe('What of it freezes actions now'),
  policies: z.array(
    z.object({
      name: z.string(),
      lastSet: z.string().nullable(),
      lastOutcome: outcome.nullable(),
      lastGood: z
        .object({ set: z.string(), at: time })
        .nullable()
        .describe('The set that $Backup refers to: the newest one that is whole, and complete but for gaps'),
      failuresSince: z.int().min(0).describe('Runs since the last one that came to a good end'),
      lastMessage: z.string().nullable().describe('Why the last run did not; null where it did'),
      nextRunAt: time.nullable(),
      suspended: z.string().optional().describe('Which Suspension freezes its runs, until when, and why'),
      running: z.boolean(),
    }),
  ),
  items: z.array(
    item.extend({
      recoveryPoint: z
        .object({
          set: z.string(),
          at: time,
          missing: leftOut.optional().describe('What could not be taken; absent: nothing, the copy is ok'),
        })
        .nullable(),
      newestOk: z
        .object({ set: z.string(), at: time })
        .nullable()
        .optional()
        .describe('Only where something is missing: the newest copy in which nothing is'),
      ageSeconds: z.number().nullable(),
      objectiveSeconds: z.number().nullable(),
      unseenSince: time
        .nullable()
        .describe('Since when the location of that set cannot be seen; null: it was seen just now'),
    }),
  ),
  servers: z
    .array(
      z.object({
        fqdn: z.string(),
        pool: subject.optional(),
        roles: z.array(z.string()),
        class: z.enum(classes),
        reason: z.string().describe('What makes it so'),
        flag: z
          .object({ scenario: z.enum(scenarios), reason: z.string(), since: time })
          .nullable()
          .describe('The one on the host, on a database or share it holds, or on its whole pool'),
      }),
    )
    .describe('Every host of the topology, SQL and file servers too'),
})
export type StatusView = z.infer<typeof statusShape>

/** `holdfast status`: from what the last pass said. */
export function statusView(snapshot: Snapshot, heart: Heart): StatusView {
  const { desired, observed, memory, plan, now } = snapshot
  const digest = digestOf(desired, observed, memory, now)
  const { state, reasons } = verdictOf(snapshot, heart)
  const seen = new Map(plan.classes.map((row) => [foldSubject(row.subject), row]))
  return {
    verdict: { state, reasons: [...reasons] },
    daemon: heart,
    revision: plan.revision,
    at: now,
    conditions: [...plan.conditions],
    flags: plan.flags.map(flagView),
    recoveries: [...plan.runbooks, ...(plan.leftovers ?? []).filter((one) => leftSteps(one).length > 0)].map(
      recoveryRow,
    ),
    suspensions: desired.suspensions.flatMap((one) => suspensionRow(one, now)),
    policies: desired.policies.map((policy) => policyRow(policy, digest)),
    items: itemRows(digest),
    servers: hosts(desired).map((host) => serverRow(host, seen.get(foldSubject(host.fqdn)), plan)),
  }
}

function recoveryRow(runbook: Runbook): StatusView['recoveries'][number] {
  const { subject: server, recovery: name, steps } = runbook
  return {
    ...{ server, recovery: name },
    done: steps.filter(({ state }) => state === 'done').length,
    steps: steps.filter(({ state }) => state !== 'ended').length,
    next: nextSteps(runbook).map(({ id, subject: about, title, actor, state, evidence, run }) => {
      const held = run?.refused.find(({ gate }) => gate === 'suspended')?.message
      return {
        ...{ id, subject: about, title, actor, state },
        ...(evidence === undefined ? {} : { evidence }),
        ...(held === undefined ? {} : { suspended: held }),
      }
    }),
  }
}

function suspensionRow(one: Suspension, now: Time): StatusView['suspensions'] {
  const { name, subjects, until, reason } = one
  const actions = actionKindNames.filter((kind) => freezes(one, kind, { now }))
  return actions.length === 0 ? [] : [{ name, actions, subjects: [...subjects], until, reason }]
}

function serverRow(
  host: Host,
  seen: Snapshot['plan']['classes'][number] | undefined,
  { flags }: Snapshot['plan'],
): StatusView['servers'][number] {
  const { fqdn, pool, roles } = host
  const on = flagOf(host, flags)
  return {
    fqdn,
    ...(pool === null ? {} : { pool }),
    roles: [...roles],
    class: seen?.class ?? 'unknown',
    reason: seen?.reason ?? 'Nobody has looked at it yet.',
    flag: on && { scenario: on.scenario, reason: on.reason, since: on.since },
  }
}

function policyRow(policy: BackupPolicy, digest: Digest): StatusView['policies'][number] {
  const sets = digest.setsOf(policy.name)
  const last = newest(sets, digest.now, ({ state }) => state !== 'in-progress')
  const good = newest(sets, digest.now, isPointable)
  const failures = digest.attempts('create-backup-set', policy.name)
  const { name, location } = policy
  const frozen = freezeOf({ kind: 'create-backup-set', subject: name, location: location.name, policy: name }, digest)
  return {
    name,
    lastSet: last?.id ?? null,
    lastOutcome: lastOutcome(policy, last, digest),
    lastGood: good && { set: good.id, at: good.startedAt },
    failuresSince: failures.length,
    lastMessage: failures.at(-1)?.message ?? null,
    nextRunAt: nextRunAt(policy, digest),
    ...(frozen ? { suspended: freezeInWords(frozen) } : {}),
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

function itemRows(digest: Digest): StatusView['items'] {
  const { desired, observed, copies, incomplete, usable, now } = digest
  return objectives(desired).map(({ item: one, seconds }) => {
    const copy = usable.get(itemKey(one))
    const gap = incomplete.get(itemKey(one))
    const whole = copies.get(itemKey(one))
    return {
      kind: one.kind,
      subject: one.subject,
      recoveryPoint: copy ? { ...pointIn(copy), ...(gap && { missing: gap.missing }) } : null,
      ...(gap && { newestOk: whole ? pointIn(whole) : null }),
      ageSeconds: copy ? Math.max(0, Math.round(secondsBetween(copy.startedAt, now))) : null,
      objectiveSeconds: seconds,
      unseenSince: copy ? unseenSince(copy, digest, observed.facts.location.get(copy.location)?.since ?? null) : null,
    }
  })
}

function pointIn({ id, startedAt }: SetSummary): RecoveryPoint {
  return { set: id, at: startedAt }
}

/** `since`: how long what is seen of the location has been so. */
function unseenSince(
  { location, finishedAt, startedAt }: SetSummary,
  { hidden }: Digest,
  since: Time | null,
): Time | null {
  return hidden(location) === null ? null : (since ?? finishedAt ?? startedAt)
}
