import { z } from 'zod'

/** What `holdfast export` wrote. */
export const exportShape = z.object({
  folder: z.string(),
  files: z.array(z.string()).describe('Names of the files in the folder'),
  journal: z.object({ sequence: z.int().min(0), hash: z.string() }).describe('Its newest entry'),
  secrets: z
    .array(z.union([z.object({ env: z.string() }), z.object({ file: z.string() })]))
    .describe('What the configuration refers to and the folder does not hold'),
})

export type ExportView = z.output<typeof exportShape>
