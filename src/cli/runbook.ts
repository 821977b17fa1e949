import { losable } from '../domain/loss/losable.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { distinct } from '../domain/subject.ts'
import { runbookView } from '../views/runbook.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { subjectNamed, unknownSubject } from './named.ts'
import { openForReading } from './open.ts'
import { runbookInWords } from './runbook-text.ts'

export const addRunbook: AddCommand = (program, run) => {
  program
    .command('runbook')
    .argument('<server...>', 'a host, pool, database or file store, lost or not; several: lost together')
    .description(
      'the whole procedure that brings it back, with every command and, once it is lost, how each step stands; it runs nothing',
    )
    .action((typed: string[]) => run((context) => print(typed, context)))
}

async function print(typed: readonly string[], context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const parts = expectSnapshot(reading)
  const names = losable(parts.desired)
  const snapshot = { ...parts, sets: reading.sets }
  const subjects = distinct(typed.map((one) => subjectNamed(one, names)))
  const view = runbookView(snapshot, subjects)
  if (view === null) throw unknownSubject(subjects.find((one) => runbookView(snapshot, [one]) === null) ?? '', names)
  context.terminal.out(context.output === 'json' ? `${JSON.stringify(view)}\n` : runbookInWords(view, context))
  return exitCode.done
}
