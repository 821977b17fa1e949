import { z } from 'zod'
import { publishedShapes } from '../../../src/views/published.ts'

/** JSON Schemas of what the commands write with `--output json`. Fields may be added, so none is forbidden. */
export function generate(): Map<string, string> {
  return new Map(
    Object.entries(publishedShapes).map(([name, shape]) => {
      const schema = { ...z.toJSONSchema(shape, { io: 'input' }), title: `holdfast ${name.replace('-', ' ')}` }
      return [`docs/schemas/cli/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`]
    }),
  )
}
