import { z } from 'zod'
import { recordSchema } from '../../../src/sets/record.ts'

/** The published schema of `backup-set.json`. */
export function generate(): Map<string, string> {
  const schema = z.toJSONSchema(recordSchema, { io: 'input' })
  const described = { ...schema, title: 'backup-set.json', description: 'See docs/backup-set-format.md' }
  return new Map([['docs/schemas/backup-set.json', `${JSON.stringify(described, null, 2)}\n`]])
}
