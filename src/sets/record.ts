import { z } from 'zod'
import { causes, doubts, itemKinds } from '../domain/words.ts'

const time = z.iso.datetime().describe('RFC 3339 in UTC')
const item = z.object({
  kind: z.enum(itemKinds),
  subject: z.string().describe('FQDN of a pool, host\\instance/database, UNC path, or the name of the deployment'),
})
const count = z.int().nonnegative()

const outcome = item.extend({
  path: z
    .string()
    .describe('relative to the folder of the set; a folder for file-store, environment and directory-record'),
  outcome: z.enum(['ok', 'suspect', 'failed', 'skipped']),
  doubt: z
    .enum(doubts)
    .optional()
    .describe(
      'of a suspect item: content: nobody should rely on it; incomplete: it can be restored from, but for its gaps',
    ),
  bytes: count.describe('of all files of the item'),
  code: z.string().optional().describe('why it is not ok, or is so with a doubt, as in the documentation of errors'),
  message: z.string().optional(),
  counts: z.record(z.string(), z.number()).optional().describe('what can be counted in the artefact'),
  notTaken: z
    .record(z.string(), z.object({ count, names: z.array(z.string()).describe('the first few') }))
    .optional()
    .describe('what of a file store was left out, by reason: denied, locked, unreadable, remade, link, ...'),
  servedBy: z
    .string()
    .nullable()
    .optional()
    .describe('of user data of a paired pool: the pool that served its users meanwhile; null: that was not seen'),
  database: z
    .object({
      recoveryModel: z.string(),
      collation: z.string().nullable(),
      files: z
        .array(
          z.object({
            name: z.string().describe('logical name'),
            type: z.string().describe('D data, L log, F full-text, S FILESTREAM'),
            path: z.string().describe('where it lay'),
            bytes: count.optional(),
          }),
        )
        .describe('as RESTORE FILELISTONLY shows them; empty: not known'),
      encryptor: z
        .string()
        .nullable()
        .describe('TDE: thumbprint of the certificate in master without which no other server opens the backup'),
      logShipped: z.boolean().optional().describe('its log is shipped; absent: not to be seen'),
    })
    .optional()
    .describe('of a database backed up by SQL Server: what a restore has to know of it'),
})

/** The schema of `backup-set.json`: docs/backup-set-format.md. Fields that a later version adds are ignored. */
export const recordSchema = z.object({
  format: z.literal('holdfast/backup-set/v1'),
  id: z.string().describe('<policy>/<folder name>'),
  deployment: z.string(),
  policy: z.string(),
  location: z.string(),
  unc: z.string().describe('UNC path of the folder'),
  revision: z.string().describe('Git commit that demanded the set'),
  cause: z.enum(causes),
  reason: z.string(),
  slot: time.nullable().describe('instant at which the schedule fell due'),
  whole: z.boolean().describe('false: a part of the policy'),
  required: z.array(item).describe('fixed at the start of the run'),
  journal: z
    .object({ sequence: count, hash: z.string().regex(/^[0-9a-f]{64}$/) })
    .optional()
    .describe('newest entry of the journal when the set was closed'),
  software: z.object({ name: z.string(), version: z.string(), node: z.string() }),
  startedAt: time,
  finishedAt: time.nullable().describe('null until the run ended'),
  abandoned: z.string().nullable().describe('why the run failed'),
  items: z.array(outcome).describe('empty until the run ended'),
  bytes: count.describe('of the payload'),
  files: count.describe('of the payload'),
})

export type SetRecord = z.infer<typeof recordSchema>
export type RecordedItem = z.infer<typeof outcome>

/** The record of a set, or in a few words why it cannot be believed. */
export function parseRecord(text: string, id: string): SetRecord | { problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'it is not JSON' }
  }
  const parsed = recordSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is not valid'}` }
  }
  return parsed.data.id.toLowerCase() === id.toLowerCase()
    ? parsed.data
    : { problem: `it is the record of ${parsed.data.id}` }
}

export function formatRecord(record: SetRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`
}
