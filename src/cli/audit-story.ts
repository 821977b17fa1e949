import type { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { nearest } from '../base/nearest.ts'
import { Problem } from '../base/problem.ts'
import { addSeconds } from '../base/time.ts'
import { readSettings } from '../config/config.ts'
import { fieldsOf } from '../domain/entry-fields.ts'
import { distinct, sameSubject } from '../domain/subject.ts'
import { openStore, type Entry, type Journal } from '../store/store.ts'
import { storyView } from '../views/story/story.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { storyInMarkdown } from './story-text.ts'

/** Adds `audit story` to `audit`. */
export function addStory(audit: Command, run: Parameters<AddCommand>[1]): void {
  audit
    .command('story')
    .argument('<recovery>', 'name of a Recovery, open or not')
    .description(
      'the whole story of a recovery, as Markdown for the incident ticket: who asked for it, what was done when and by what evidence, what came back, how long it took',
    )
    .action((name: string) => run((context) => tell(name, context)))
}

async function tell(name: string, context: Context): Promise<number> {
  const { output, terminal } = context
  const { state } = await readSettings(context.configFile)
  using store = openStore(state, 'read', systemClock)
  const { journal } = store
  const known = journal.list({ type: 'recovery' })
  const entries = known.some((one) => nameOf(one) !== null) ? entriesFor(name, known, journal) : []
  const runbooks = store.lastPlan()?.runbooks ?? []
  const view = storyView(name, { entries, runbooks, now: systemClock.now() })
  if (view === null) throw notTold(name, known)
  terminal.out(output === 'json' ? `${JSON.stringify(view)}\n` : storyInMarkdown(view))
  return exitCode.done
}

function nameOf({ message }: Entry): string | null {
  return fieldsOf(message)?.one('recovery') ?? null
}

/** No more of the journal than the time in which that Recovery was open; its flag may have risen long before. */
function entriesFor(name: string, known: readonly Entry[], journal: Journal): Entry[] {
  const own = known.filter((one) => sameSubject(nameOf(one) ?? '', name))
  const [first] = own
  const last = own.at(-1)
  if (!first || !last) return []
  const servers = distinct(own.map(({ subject }) => subject))
  const spelled = journal.subjects().filter((one) => servers.some((server) => sameSubject(one, server)))
  const flags = journal.list({ type: 'flag', subjects: spelled })
  const end = flags.find(({ type, sequence }) => type === 'flag-closed' && sequence > last.sequence) ?? last
  const isOpen =
    last.type === 'recovery-declared' || last.type === 'recovery-changed' || last.type === 'recovery-accepted'
  const range = { after: first.sequence - 1, ...(isOpen ? {} : { until: addSeconds(end.at, 1) }) }
  const within = [...journal.list({ ...range, type: 'step' }), ...journal.list({ ...range, type: 'action' })]
  return [...known, ...flags, ...within].sort((a, b) => a.sequence - b.sequence)
}

function notTold(name: string, known: readonly Entry[]): Problem {
  const names = distinct(known.flatMap((one) => nameOf(one) ?? []))
  const near = nearest(name, names)
  const others = names.length === 0 ? 'It has none of any other.' : `It has those of ${names.slice(-10).join(', ')}.`
  return new Problem('recovery-not-told', {
    subject: name,
    message:
      'The journal has no story of such a Recovery: none of that name was declared for something that was flagged.',
    hint:
      near === null ? `${others} A story begins with the pass that first sees the Recovery.` : `Did you mean ${near}?`,
  })
}
