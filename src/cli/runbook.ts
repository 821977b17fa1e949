import { losable } from '../domain/loss/losable.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { runbookView } from '../views/runbook.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { subjectNamed, unknownSubject } from './named.ts'
import { openForReading } from './open.ts'
import { runbookInWords } from './recoverability-text.ts'

export const addRunbook: AddCommand = (program, run) => {
  program
    .command('runbook')
    .argument('<server>', 'a host, pool, database or file store, lost or not')
    .description('the whole procedure that brings it back, with every command; it runs nothing')
    .action((typed: string) => run((context) => print(typed, context)))
}

async function print(typed: string, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const parts = expectSnapshot(reading)
  const names = losable(parts.desired)
  const subject = subjectNamed(typed, names)
  const view = runbookView({ ...parts, sets: reading.sets }, subject)
  if (view === null) throw unknownSubject(subject, names)
  context.terminal.out(context.output === 'json' ? `${JSON.stringify(view)}\n` : runbookInWords(view, context))
  return exitCode.done
}
