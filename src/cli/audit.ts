import { systemClock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { readConfig } from '../config/config.ts'
import { openStore, type Entry, type Journal } from '../store/store.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { counted } from './render.ts'
import { paragraph } from './table.ts'

interface ListOptions {
  limit: string
  after?: string
}

export const addAudit: AddCommand = (program, run) => {
  const audit = program.command('audit').description('the journal of all that was done and noticed')
  audit
    .command('list')
    .description('entries of the journal, oldest first; without --after the newest')
    .option('--limit <count>', 'at most so many entries', '50')
    .option('--after <sequence>', 'only entries after this sequence number')
    .action((options: ListOptions) =>
      run((context) => withJournal(context, (journal) => list(journal, options, context))),
    )
  audit
    .command('verify')
    .description('prove that no entry was changed, removed, inserted or moved')
    .action(() => run((context) => withJournal(context, (journal) => verify(journal, context))))
  audit
    .command('export')
    .description('the whole journal as JSON Lines, oldest first')
    .action(() => run((context) => withJournal(context, (journal) => writeAll(journal, context))))
}

async function withJournal(context: Context, use: (journal: Journal) => number): Promise<number> {
  const { state } = await readConfig(context.configFile)
  using store = openStore(state, 'read', systemClock)
  return use(store.journal)
}

function list(journal: Journal, options: ListOptions, { output, terminal }: Context): number {
  const limit = wholeNumber(options.limit, '--limit')
  const newest = Math.max(journal.head().sequence - limit, 0)
  const after = options.after === undefined ? newest : wholeNumber(options.after, '--after')
  const entries = journal.list({ after, limit })
  if (output === 'json') terminal.out(`${JSON.stringify({ entries })}\n`)
  else for (const entry of entries) terminal.out(entryText(entry))
  return exitCode.done
}

function verify(journal: Journal, { output, terminal }: Context): number {
  const result = journal.verify()
  if (output === 'json') terminal.out(`${JSON.stringify(result)}\n`)
  else if (result.ok)
    terminal.out(`The journal is whole: ${counted(result.checked, 'entry')}.\nNewest hash: ${result.head}\n`)
  else
    terminal.out(
      `THE JOURNAL IS BROKEN at entry ${result.firstBad ?? '?'}: it is missing, changed or out of place.\n` +
        `The ${result.checked} entries before it are whole; the hash of the last of them is ${result.head}\n`,
    )
  return result.ok ? exitCode.done : exitCode.failed
}

const exportedAtOnce = 1000

function writeAll(journal: Journal, { terminal }: Context): number {
  for (let after = 0; ;) {
    const entries = journal.list({ after, limit: exportedAtOnce })
    for (const entry of entries) terminal.out(`${JSON.stringify(entry)}\n`)
    const last = entries.at(-1)
    if (!last) return exitCode.done
    after = last.sequence
  }
}

function entryText({ sequence, at, type, subject, message, actor, cause }: Entry): string {
  const head = `${String(sequence).padStart(6)}  ${at}  ${type}  ${subject}`
  const lines = paragraph(`${message} (${actor}, ${cause})`, 72)
  return [head, ...lines.map((line) => `        ${line}`), ''].join('\n')
}

function wholeNumber(text: string, option: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Problem('usage', { message: `${option} ${text} is no whole number.` })
}
