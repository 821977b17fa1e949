import { z } from 'zod'

export const errorPageShape = z.object({
  code: z.string(),
  title: z.string().describe('What went wrong, in a few words'),
  text: z.string().describe('What happened, why, and what to do: Markdown, as in docs/errors/<code>.md'),
})

/** `holdfast explain CODE` */
export type ErrorPage = z.infer<typeof errorPageShape>
