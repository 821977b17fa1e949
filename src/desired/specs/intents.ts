import { z } from 'zod'
import { fqdn, instant, words } from '../../base/fields.ts'
import { actionKindNames, laterActionKinds } from '../../domain/action.ts'
import { acceptables } from '../../domain/gate.ts'
import { userAddress } from '../../domain/user-content.ts'
import { scenarios } from '../../domain/words.ts'
import { limits } from '../limits.ts'
import { simpleName } from './names.ts'

const setIdField = z
  .string()
  .regex(/^[A-Za-z0-9_-]+\/\d{8}T\d{6}Z-[a-z2-7]{4}$/i, 'is not the id of a set, such as nightly/20260729T020000Z-k3x7')

const reason = words(2000).describe('Why, for the next person who reads it.')

const word = {
  by: words(200).describe('Who says so.'),
  at: instant.describe('When it was so: after the loss, and not ahead. A later loss makes it void.'),
  note: words(2000).optional().describe('How it was done or checked.'),
}

const tooManyWords = `has more than ${limits.words} entries`

const ofStep = {
  step: words(100).describe('Id of the step, as `holdfast runbook` names it.'),
  subject: words(500).optional().describe('What the step is done to; left out: every step of that id.'),
}

export const recoverySpec = z
  .strictObject({
    server: words(500)
      .optional()
      .describe('FQDN of the server, or the pool, database or file store, to be restored: the subject of the flag.'),
    scenario: z.enum(scenarios).optional().describe('The procedure, as the flag names it. With `server` alone.'),
    user: z
      .string()
      .transform((text, context) => {
        const user = userAddress(text)
        if (user === null)
          context.addIssue({ code: 'custom', message: 'is not a SIP address, such as jane@contoso.com' })
        return user ?? ''
      })
      .optional()
      .describe(
        'Instead of `server`: SIP address of one user, whose contacts and conferences come back into a living pool.',
      ),
    pool: fqdn.optional().describe('With `user` alone: FQDN of the pool whose export in the set holds the user.'),
    from: z
      .union([z.literal('latest'), setIdField])
      .prefault('latest')
      .describe('`latest` (chosen for each item), or the id of a set. With `user`, the id of a set.'),
    run: z
      .enum(['guide', 'holdfast'])
      .optional()
      .describe(
        '`guide`: Holdfast runs no step; it watches, and a person does them. `holdfast`: it runs its own, each when its gate is open. Left out: `guide`. Not with `user`, which is run.',
      ),
    accept: z
      .array(
        z.strictObject({
          what: z.enum(acceptables).describe('What the gate refuses, as `holdfast restore SERVER --dry-run` names it.'),
          subject: words(500).optional().describe('Of what; left out: of every subject.'),
          fact: words(500)
            .optional()
            .describe('Which fact of the environment: `environment-changed` and `product-changed` need it.'),
          ...word,
        }),
      )
      .max(limits.words, tooManyWords)
      .prefault([])
      .describe('What is to be restored although the gate refuses it, each by name.'),
    acknowledge: z
      .array(z.strictObject({ ...ofStep, ...word }))
      .max(limits.words, tooManyWords)
      .prefault([])
      .describe('Steps that were done and that nothing can see.'),
    choose: z
      .array(z.strictObject({ ...ofStep, branch: words(100).describe('The way.'), ...word }))
      .max(limits.words, tooManyWords)
      .prefault([])
      .describe('Which way a fork goes, where nothing that is seen decides it.'),
    finished: z
      .strictObject(word)
      .optional()
      .describe('What the server holds was restored: its flag clears once it is healthy.'),
  })
  .meta({
    description: 'The declared intention to rebuild a flagged server and restore it, or to bring one user back.',
    oneOf: [{ required: ['server', 'scenario'] }, { required: ['user', 'pool', 'from'] }],
  })

export const holdSpec = z
  .strictObject({
    sets: z.array(setIdField).min(1, 'does not name a set').describe('Ids of the sets that must not expire.'),
    reason,
    until: instant.optional().describe('End of the hold; left out: until this file is removed.'),
  })
  .describe('Keeps backup sets from expiring.')

export const suspensionSpec = z
  .strictObject({
    subjects: z
      .array(words(500))
      .min(1, 'does not name a subject')
      .max(limits.words, tooManyWords)
      .describe('What it is about, as findings and status name it; for `set-vanished` the ids of sets.'),
    actions: z
      .array(z.enum([...actionKindNames, ...laterActionKinds]))
      .prefault([])
      .describe(
        'Kinds of actions that are frozen: of a policy, of a location (all that is done there), of what is restored (or the server that a Recovery names), or of the whole deployment.',
      ),
    findings: z
      .array(z.union([z.literal('*'), simpleName]))
      .prefault([])
      .describe('Codes of findings that are ignored; `*`: all of these subjects.'),
    reason,
    until: instant.describe('When it ends by itself, with a zone: at most 30 days ahead, 365 for findings.'),
  })
  .describe('A freeze of actions, or a rule to ignore findings, for a time.')
