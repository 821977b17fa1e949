import { z } from 'zod'
import { doctorShape } from './doctor.ts'
import { drillShape } from './drill.ts'
import { driftShape } from './drift.ts'
import { errorPageShape } from './error-page.ts'
import { exportShape } from './export.ts'
import { explainShape } from './explain/explain.ts'
import { planShape } from './plan.ts'
import { recoverabilityShape } from './recoverability.ts'
import { runOnceShape } from './run-once.ts'
import { restoreShape } from './restore.ts'
import { runbookShape } from './runbook.ts'
import { setShape, setsShape } from './sets.ts'
import { setsDiffShape } from './sets-diff.ts'
import { subject, time } from './shapes.ts'
import { statusShape } from './status.ts'
import { storyShape } from './story/shape.ts'
import { userRestoreShape } from './user-restore.ts'
import { verifyShape } from './verify.ts'

const fault = z.object({
  code: z.string(),
  file: z.string(),
  line: z.int().min(1),
  column: z.int().min(1),
  message: z.string(),
  hint: z.string(),
})

const auditEntry = z.object({
  sequence: z.int().min(1),
  at: time,
  actor: z.string(),
  cause: z.string(),
  revision: z.string(),
  type: z.string(),
  subject,
  message: z.string(),
  hash: z.string(),
  previousHash: z.string(),
})

/** The JSON that each command writes, by the name of its schema. Commands not listed have no JSON of their own yet. */
export const publishedShapes = {
  error: z
    .object({
      error: z.object({
        code: z.string().describe('Explained in docs/errors/<code>.md'),
        subject: z.string().optional(),
        message: z.string(),
        hint: z.string().optional(),
      }),
    })
    .describe('On standard error, when a command fails'),
  validate: z.object({ ok: z.boolean(), errors: z.array(fault), warnings: z.array(fault) }),
  plan: planShape,
  'run-once': runOnceShape,
  sets: setsShape,
  'sets-diff': setsDiffShape,
  backup: z.object({ request: z.string(), set: setShape.optional().describe('With --wait, or where no daemon runs') }),
  status: statusShape,
  drift: driftShape,
  explain: explainShape,
  'explain-code': errorPageShape,
  recoverability: recoverabilityShape,
  runbook: runbookShape,
  drill: drillShape,
  restore: restoreShape,
  'restore-user': userRestoreShape,
  verify: verifyShape,
  doctor: doctorShape,
  'audit-list': z.object({ entries: z.array(auditEntry) }),
  'audit-story': storyShape,
  'audit-verify': z.object({
    ok: z.boolean(),
    checked: z.int().min(0),
    head: z.string(),
    lost: z
      .array(z.object({ from: z.int().min(1), to: z.int().min(1) }))
      .describe('Entries that were lost with a former state store'),
    firstBad: z.int().optional(),
    anchors: z
      .array(
        z.object({
          place: z.string().describe('UNC path, or the id of a set'),
          sequence: z.int().min(0),
          outcome: z.enum(['agrees', 'disagrees', 'unseen']),
        }),
      )
      .describe('What the shares know of the journal, and the journal of their sets'),
  }),
  'take-over': z.object({
    location: z.string(),
    owner: z.string().describe('The id of this daemon'),
    message: z.string().nullable().describe('What came back of the journal, or what is waited for'),
  }),
  export: exportShape,
  import: z.object({
    resources: z.array(z.unknown()),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
  'lab-status': z.object({
    directory: z.string(),
    config: z.string(),
    repository: z.string(),
    clone: z.string(),
    share: z.string(),
    topology: z.string(),
    listen: z.unknown(),
    hosts: z.array(z.object({ fqdn: z.string(), roles: z.array(z.string()), address: z.string(), state: z.string() })),
  }),
  'lab-break-list': z.object({
    breaks: z.array(
      z.object({
        kind: z.string(),
        subjects: z.array(z.string()),
        details: z.array(z.string()),
        does: z.string(),
      }),
    ),
  }),
} as const satisfies Record<string, z.ZodType>
