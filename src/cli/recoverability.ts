import type { Subject } from '../domain/words.ts'
import { losable } from '../domain/loss/losable.ts'
import { recoverabilityView, type RecoverabilityView } from '../views/recoverability.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { subjectNamed, unknownSubject } from './named.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { openForReading } from './open.ts'
import { recoverabilityInWords } from './recoverability-text.ts'

export const addRecoverability: AddCommand = (program, run) => {
  program
    .command('recoverability')
    .argument('[subject]', 'one host, pool, database or file store; left out: every host')
    .description('if it died now: what would be lost, from which set it comes back, what blocks')
    .action((typed: string | undefined) => run((context) => print(typed ?? null, context)))
}

async function print(typed: string | null, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const parts = expectSnapshot(reading)
  const names = losable(parts.desired)
  const subject = typed === null ? null : subjectNamed(typed, names)
  const view = recoverabilityView({ ...parts, sets: reading.sets }, subject)
  if (view === null) throw unknownSubject(subject ?? '', names)
  context.terminal.out(text(view, subject, context))
  return exitCode.done
}

function text(view: RecoverabilityView, subject: Subject | null, context: Context): string {
  return context.output === 'json'
    ? `${JSON.stringify(view)}\n`
    : recoverabilityInWords(view, subject !== null, context)
}
