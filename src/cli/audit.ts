import { systemClock } from '../base/clock.ts'
import { nearest } from '../base/nearest.ts'
import { Problem, toProblem } from '../base/problem.ts'
import { readSettings, type Settings } from '../config/config.ts'
import { meant } from '../domain/meant.ts'
import type { BackupLocation } from '../domain/model.ts'
import { sameSubject } from '../domain/subject.ts'
import { localPathOf } from '../drivers/local-path.ts'
import { readStatements, type Statement } from '../sets/statements.ts'
import { compareAnchors, type Anchor } from '../store/anchors.ts'
import type { Choice } from '../store/journal.ts'
import { openStore, type Entry, type Journal, type Store } from '../store/store.ts'
import type { AddCommand, Context } from './command.ts'
import { addStory } from './audit-story.ts'
import { exitCode } from './exit-codes.ts'
import { subjectNamed } from './named.ts'
import { openForReading } from './open.ts'
import { counted } from './render.ts'
import { paragraph } from './table.ts'
import { timeForms, timeOption } from './time-option.ts'

interface ListOptions {
  limit: string
  after?: string
  subject?: string
  type?: string
  since?: string
  until?: string
}

export const addAudit: AddCommand = (program, run) => {
  const audit = program.command('audit').description('the journal of all that was done and noticed')
  audit
    .command('list')
    .description(
      'entries of the journal, oldest first: the newest of those that match; with --after or --since the oldest',
    )
    .option('--limit <count>', 'at most this many entries', '50')
    .option('--after <sequence>', 'only entries after this sequence number')
    .option('--subject <subject>', 'only entries about this server, policy, set, ...')
    .option('--type <type>', 'only entries of this type, such as action-failed, or finding for all about findings')
    .option('--since <time>', `only entries from this time on: ${timeForms}`)
    .option('--until <time>', 'only entries before this time')
    .action((options: ListOptions) =>
      run((context) => withJournal(context, (journal) => list(journal, options, context))),
    )
  audit
    .command('verify')
    .description(
      'prove that no entry was changed, removed, inserted or moved, by the chain and by what the shares know',
    )
    .action(() => run(verify))
  audit
    .command('export')
    .description('the whole journal as JSON Lines, oldest first')
    .action(() => run((context) => withJournal(context, (journal) => writeAll(journal, context))))
  addStory(audit, run)
}

async function withJournal(context: Context, use: (journal: Journal) => number): Promise<number> {
  const { state } = await readSettings(context.configFile)
  using store = openStore(state, 'read', systemClock)
  return use(store.journal)
}

function list(journal: Journal, options: ListOptions, { output, terminal }: Context): number {
  const entries = journal.list(choiceOf(options, journal))
  if (output === 'json') terminal.out(`${JSON.stringify({ entries })}\n`)
  else if (entries.length === 0) terminal.out(nothingFound(options, journal))
  else for (const entry of entries) terminal.out(entryText(entry))
  return exitCode.done
}

function choiceOf({ limit, after, subject, type, since, until }: ListOptions, journal: Journal): Choice {
  const now = systemClock.now()
  const from = since === undefined ? undefined : timeOption('--since', since, now)
  const to = until === undefined ? undefined : timeOption('--until', until, now)
  if (from !== undefined && to !== undefined && from >= to)
    throw new Problem('usage', { message: `--since ${since ?? ''} is not before --until ${until ?? ''}.` })
  return {
    limit: wholeNumber(limit, '--limit'),
    newest: after === undefined && since === undefined,
    ...(after !== undefined && { after: wholeNumber(after, '--after') }),
    ...(subject !== undefined && { subjects: spellingsOf(subject, journal.subjects()) }),
    ...(type !== undefined && { type }),
    ...(from !== undefined && { since: from }),
    ...(to !== undefined && { until: to }),
  }
}

/** The subject that was meant, in every case in which the journal writes it. */
function spellingsOf(typed: string, known: readonly string[]): string[] {
  const subject = subjectNamed(typed, known)
  return known.filter((one) => sameSubject(one, subject))
}

function nothingFound({ subject, type }: ListOptions, journal: Journal): string {
  const known = journal.subjects()
  const near = subject === undefined || meant(subject, known).length > 0 ? null : nearest(subject, known)
  return [
    'No entry matches.\n',
    near === null ? '' : `Did you mean --subject ${near}?\n`,
    type === undefined ? '' : `Types in this journal: ${journal.types().join(', ') || 'none'}.\n`,
  ].join('')
}

async function verify(context: Context): Promise<number> {
  const { output, terminal } = context
  const settings = await readSettings(context.configFile)
  using store = openStore(settings.state, 'read', systemClock)
  const chain = store.journal.verify()
  const { anchors, unseen } = await anchorsOf(store, settings, context)
  const differing = anchors.filter(({ outcome }) => outcome === 'disagrees')
  const ok = chain.ok && differing.length === 0
  if (output === 'json') terminal.out(`${JSON.stringify({ ...chain, ok, anchors })}\n`)
  else terminal.out([chainText(chain), anchorText(anchors), ...unseen].map((line) => `${line}\n`).join(''))
  return ok ? exitCode.done : exitCode.failed
}

type Chain = ReturnType<Journal['verify']>

function chainText({ ok, checked, head, lost, firstBad }: Chain): string {
  const there = lost.reduce((count, { from, to }) => count - (to - from + 1), checked)
  const missing = lost.map(({ from, to }) => `Entries ${from} to ${to} were lost with a former state store.\n`)
  return ok
    ? `The journal is whole: ${counted(there, 'entry')}.\n${missing.join('')}Newest hash: ${head}`
    : `THE JOURNAL IS BROKEN at entry ${firstBad ?? '?'}: it is missing, changed or out of place.\n` +
        `The ${checked} entries before it are whole; the hash of the last of them is ${head}`
}

function anchorText(anchors: readonly Anchor[]): string {
  const agreeing = anchors.filter(({ outcome }) => outcome === 'agrees').length
  const [first, ...more] = anchors.filter(({ outcome }) => outcome === 'disagrees')
  if (!first) return `Shares and journal agree in ${counted(agreeing, 'place')}.`
  const others = more.length > 0 ? ` So do ${more.length} more; --output json lists them.` : ''
  return `SHARE AND JOURNAL DISAGREE about entry ${first.sequence}: ${first.place}.${others}`
}

/** Of the revision in force; none while no revision was ever valid. */
async function locationsOf(context: Context): Promise<readonly BackupLocation[]> {
  await using reading = await openForReading(context)
  return reading.snapshot?.desired.locations ?? []
}

/** What the shares say, as far as this account may look. */
async function anchorsOf(
  store: Store,
  settings: Settings,
  context: Context,
): Promise<{ anchors: Anchor[]; unseen: string[] }> {
  const { config } = settings
  const unseen: string[] = []
  const locations = await locationsOf(context).catch((thrown: unknown) => {
    unseen.push(`The shares could not be compared: ${toProblem(thrown).message}`)
    return []
  })
  async function* statements(): AsyncGenerator<Statement> {
    for (const location of locations)
      try {
        if (!config) throw new Problem('location-not-seen', { message: settings.lacks.join(' ') })
        const root = localPathOf(config.pathMap, location.share, process.platform)
        yield* readStatements(location, root, systemClock.now())
      } catch (thrown) {
        unseen.push(`${location.share} could not be compared: ${toProblem(thrown).message}`)
      }
  }
  return { anchors: await compareAnchors(store.journal, statements()), unseen }
}

function writeAll(journal: Journal, { terminal }: Context): number {
  for (const entries of journal.pages()) for (const entry of entries) terminal.out(`${JSON.stringify(entry)}\n`)
  return exitCode.done
}

function entryText({ sequence, at, type, subject, message, actor, cause }: Entry): string {
  const head = `${String(sequence).padStart(6)}  ${at}  ${type}  ${subject}`
  const lines = paragraph(`${message} (${actor}, ${cause})`, 72)
  return [head, ...lines.map((line) => `        ${line}`), ''].join('\n')
}

function wholeNumber(text: string, option: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Problem('usage', { message: `${option} ${text} is not a whole number.` })
}
