import type { Command } from 'commander'
import { Problem } from '../base/problem.ts'
import { readConfig } from '../config/config.ts'
import { losable } from '../domain/loss/losable.ts'
import { ask } from '../reconcile/asking.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { restoreView, type RestoreView } from '../views/restore.ts'
import { problemOfAnswer } from './answered.ts'
import { asking } from './asking.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { subjectNamed, unknownSubject } from './named.ts'
import { openForReading } from './open.ts'
import { restoreInWords } from './restore-text.ts'
import { restoreUser, type UserOptions } from './restore-user.ts'

interface Options {
  dryRun?: boolean
  set?: string
}

export const addRestore: AddCommand = (program, run) => {
  const command = program
    .command('restore')
    .argument('<server>', 'the flagged subject that a Recovery with run: holdfast names')
    .option('--set <id>', 'expect that it comes from this set, as the Recovery says')
    .option('--dry-run', 'run nothing: show each step that Holdfast runs, its commands, and what stands against it')
    .description('run the steps of a recovery that Holdfast runs, now, by the same gate as the daemon')
    .action((server: string, options: Options) => run((context) => restore(server, options, context)))
  command
    .command('user')
    .argument('<sip-address>', 'the user, with or without sip:')
    .option('--set <id>', 'look into this set alone')
    .option('--pool <fqdn>', 'the pool whose copy is wanted, where a set holds the user in two')
    .option('--sets <number>', 'how many of the newest sets to read', '30')
    .description('show what the sets hold of one user, and the Recovery to commit; nothing is run')
    // `--set` is an option of `restore` too, which takes it wherever it stands on the line.
    .action((user: string, _options: UserOptions, own: Command) =>
      run((context) => restoreUser(user, own.optsWithGlobals(), context)),
    )
}

async function restore(typed: string, { dryRun = false, set }: Options, context: Context): Promise<number> {
  const view = await look(typed, context)
  expectSet(view, set)
  if (dryRun) {
    context.terminal.out(context.output === 'json' ? `${JSON.stringify(view)}\n` : restoreInWords(view, context))
    return view.refused.length > 0 ? exitCode.refused : exitCode.done
  }
  const config = await readConfig(context.configFile)
  const [asked] = await ask([{ restore: view.server }], config, asking(context, { wait: true }))
  if (asked?.answer?.outcome !== 'done') throw problemOfAnswer(asked?.answer, view.server, 'restore-failed')
  const after = await look(typed, context)
  context.terminal.out(context.output === 'json' ? `${JSON.stringify(after)}\n` : restoreInWords(after, context))
  return exitCode.done
}

async function look(typed: string, context: Context): Promise<RestoreView> {
  await using reading = await openForReading(context)
  const parts = expectSnapshot(reading)
  const names = losable(parts.desired)
  const subject = subjectNamed(typed, names)
  const view = restoreView({ ...parts, sets: reading.sets }, subject)
  if (view === null) throw unknownSubject(subject, names)
  return view
}

/** From which set is said in Git, by a Recovery: a command does not say otherwise. */
function expectSet({ server, set }: RestoreView, wanted: string | undefined): void {
  if (wanted === undefined || set.toLowerCase() === wanted.toLowerCase()) return
  throw new Problem('restore-other-set', {
    subject: server,
    message: `Its Recovery says from: ${set}, and not ${wanted}.`,
    hint: `Commit from: ${wanted} in the Recovery, or leave --set out.`,
  })
}
