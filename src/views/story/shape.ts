import { z } from 'zod'
import { bytes, outcome, subject, time } from '../shapes.ts'

/** Null in a fact of an entry: its version did not record it. */
const text = z.string().nullable()

const stepName = { step: text.describe('Id of the row of the procedure'), subject }

const merge = z
  .object({
    at: time.describe('When a pass first saw it'),
    revision: z.string(),
    author: text.describe('Who last changed the file, as Git says'),
    committed: time.nullable(),
    message: text.describe('Subject of that commit'),
    run: text,
    from: text.describe('latest, or the id of a set'),
  })
  .describe('A revision in which the Recovery, or who last changed its file, is another')

const acceptance = z.object({
  at: time.describe('When a pass first saw it'),
  what: text,
  of: text.describe('null: of every subject'),
  fact: text,
  by: text,
  asOf: time.nullable(),
  author: text.describe('Who last changed the file, as Git says'),
  note: text,
})

const change = z.object({
  at: time,
  state: z.enum(['done', 'undone', 'blocked', 'ended']),
  since: time.nullable().describe('Since when it is so, where it was so before the Recovery was declared'),
  how: z.enum(['seen', 'said', 'ran']).nullable().describe('Of a step that is done; ran: Holdfast ran it to its end'),
  by: text.describe('Who says so'),
  asOf: time.nullable(),
  author: text.describe('Of what somebody says: who last changed the file, as Git says'),
  way: text.describe('Of a fork: the way that it took'),
  endedBy: text.describe('The fork that made it needless'),
  evidence: text,
})

const storyStep = z.object({
  ...stepName,
  title: text,
  state: z.enum(['done', 'undone', 'blocked', 'ended', 'left']).describe('How it was last; left: never seen done'),
  changes: z.array(change).describe('Oldest first; none: not recorded, or never done'),
})

const storyRun = z.object({
  ...stepName,
  at: time.describe('When it ended'),
  outcome,
  askedBy: z.string().describe('holdfast: the Recovery asked for it'),
  seconds: z.number().nullable(),
  set: text,
  bytes: bytes.nullable().describe('Of the copy in the set'),
  counts: z.record(z.string(), z.number()).describe('What was counted afterwards'),
  message: z.string(),
})

const refusal = z.object({ ...stepName, at: time, gates: z.array(z.string()), message: z.string() })

const storyLoss = z.object({
  server: subject,
  scenario: text,
  lostSince: time.nullable(),
  flag: z.object({ at: time, message: z.string() }).nullable().describe('When it rose'),
  merged: z.array(merge).min(1).describe('Oldest first'),
  accepted: z.array(acceptance),
  steps: z.array(storyStep).describe('In the order of the procedure while it is open, else as they were done'),
  runs: z.array(storyRun).describe('What Holdfast ran, each try'),
  refused: z.array(refusal).describe('What the gate refused'),
  ended: z
    .object({
      at: time,
      how: z.enum(['closed', 'finished', 'withdrawn']).describe('closed: with its flag; finished: somebody says so'),
      by: text,
      asOf: time.nullable(),
      note: text,
    })
    .nullable()
    .describe('null: it is open'),
  flagClosed: z.object({ at: time, message: z.string() }).nullable().describe('null: it is still flagged'),
  seconds: z.number().nullable().describe('From the loss until the flag closed'),
  journal: z.object({ first: z.int(), last: z.int() }).describe('Sequence numbers of the entries that it is made from'),
})

export const storyShape = z
  .object({
    at: time,
    recovery: z.string(),
    losses: z.array(storyLoss).min(1).describe('Each that it was declared for'),
  })
  .describe('The whole story of a Recovery, from the journal')

export type StoryView = z.infer<typeof storyShape>
export type StoryLoss = z.infer<typeof storyLoss>
