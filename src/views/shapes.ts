import { z } from 'zod'
import { verdictStates } from '../plan/verdict/reasons.ts'
import { actionKindNames } from '../domain/action.ts'
import {
  causes,
  classes,
  conditionTypes,
  itemKinds,
  itemStates,
  levels,
  outcomes,
  scenarios,
  setStates,
} from '../domain/words.ts'

/** The parts that several JSON shapes of the command line share (design, section 9). A field may be added. */
export const time = z.iso.datetime().describe('RFC 3339, UTC')
export const subject = z.string().describe('What it is about: a name, an FQDN, host\\instance, a UNC path or a set id')
export const bytes = z.int().min(0)
export const item = z.object({ kind: z.enum(itemKinds), subject })

export const condition = z
  .object({
    subject,
    type: z.enum(conditionTypes),
    status: z.enum(['true', 'false', 'unknown']),
    reason: z.string().describe('One word in CamelCase, stable'),
    message: z.string(),
    since: time,
    revision: z.string(),
  })
  .describe('A promise that Holdfast always answers for')

export const finding = z
  .object({
    code: z.string(),
    severity: z.enum(['warning', 'error']),
    subject,
    desired: z.string(),
    observed: z.string(),
    since: time,
    message: z.string(),
    remedy: z.string().optional().describe('What to do, where it can be said in a sentence'),
  })
  .describe('Something wrong in the world, a row only while it lasts')

export const evidence = z.object({
  fact: z.string(),
  value: z.string(),
  source: z.string(),
  observedAt: time,
  ageSeconds: z.number(),
})

export const flag = z
  .object({
    subject,
    scenario: z.enum(scenarios),
    reason: z.string(),
    since: time,
    lostAgainAt: time.optional().describe('When it was seen lost, where only a part of it was flagged before'),
    evidence: z.array(evidence),
    seen: z.array(z.enum(classes)).describe('Every class of the subject since the flag opened'),
    seenOf: z
      .array(z.object({ subject, seen: z.array(z.enum(classes)) }))
      .optional()
      .describe('The same of databases and shares for which the flag speaks, and which were lost by themselves'),
  })
  .describe('Something that must be rebuilt')

export const verdict = z
  .object({
    state: z.enum(verdictStates),
    reasons: z.array(
      z.object({
        code: z.string().describe('Explained in docs/errors/<code>.md, and by holdfast explain <code>'),
        subject,
        message: z.string(),
        remedy: z.string().describe('What to do'),
      }),
    ),
  })
  .describe('Can everything be got back, now? Reasons in order of weight')

export const leftOut = z
  .object({ count: z.int().min(0), names: z.array(z.string()).describe('The first few') })
  .describe('Files and folders that are not in the copy; a folder counts as one')

export const cause = z.enum(causes)
export const level = z.enum(levels)
export const outcome = z.enum(outcomes)
export const setState = z.enum(setStates)
export const itemState = z.enum(itemStates)
export const actionKind = z.enum(actionKindNames)
