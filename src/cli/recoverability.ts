import type { Subject } from '../domain/words.ts'
import { hosts } from '../domain/hosts.ts'
import { recoverabilityView, type RecoverabilityView } from '../views/recoverability.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { unknownSubject } from './explain.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { openForReading } from './open.ts'
import { recoverabilityInWords } from './recoverability-text.ts'

export const addRecoverability: AddCommand = (program, run) => {
  program
    .command('recoverability')
    .argument('[subject]', 'one host, pool, database or file store; left out: every host')
    .description('if it died now: what would be lost, from which set it comes back, what blocks')
    .action((subject: string | undefined) => run((context) => print(subject ?? null, context)))
}

async function print(subject: Subject | null, context: Context): Promise<number> {
  await using reading = await openForReading(context)
  const parts = expectSnapshot(reading)
  const view = recoverabilityView({ ...parts, sets: reading.sets }, subject)
  if (view === null) {
    const { pools, fileStores } = parts.desired
    const names = [...hosts(parts.desired), ...pools].map(({ fqdn }) => fqdn)
    throw unknownSubject(subject ?? '', [...names, ...fileStores.map(({ path }) => path)])
  }
  context.terminal.out(text(view, subject, context))
  return exitCode.done
}

function text(view: RecoverabilityView, subject: Subject | null, context: Context): string {
  return context.output === 'json'
    ? `${JSON.stringify(view)}\n`
    : recoverabilityInWords(view, subject !== null, context)
}
