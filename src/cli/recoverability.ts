import type { Subject } from '../domain/words.ts'
import { hosts } from '../domain/hosts.ts'
import { requiredItems } from '../domain/inventory.ts'
import type { Desired } from '../domain/model.ts'
import { distinct } from '../domain/subject.ts'
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

/** Hosts, pools, file stores, and the databases that some policy backs up; others are known by their full name. */
function losable(desired: Desired): Subject[] {
  const { pools, fileStores, policies } = desired
  const items = policies.flatMap((policy) => requiredItems(desired, policy))
  return distinct([
    ...[...hosts(desired), ...pools].map(({ fqdn }) => fqdn),
    ...fileStores.map(({ path }) => path),
    ...items.filter(({ kind }) => kind === 'sql-database').map(({ subject }) => subject),
  ])
}

function text(view: RecoverabilityView, subject: Subject | null, context: Context): string {
  return context.output === 'json'
    ? `${JSON.stringify(view)}\n`
    : recoverabilityInWords(view, subject !== null, context)
}
