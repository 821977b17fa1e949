import { systemClock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { readConfig, type Config } from '../config/config.ts'
import type { Attempt } from '../domain/action.ts'
import type { BackupSet } from '../domain/backup-set.ts'
import { ask, type Asked } from '../reconcile/asking.ts'
import { openStore } from '../store/store.ts'
import { setView } from '../views/sets.ts'
import { problemOfAnswer } from './answered.ts'
import { asking } from './asking.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { progressOf } from './progress.ts'
import { summariseSet } from './render.ts'

export const addBackup: AddCommand = (program, run) => {
  program
    .command('backup')
    .argument('<policy>', 'name of a BackupPolicy')
    .option('--wait', 'wait for the end of the run that a daemon makes')
    .description('ask for a run of a policy now')
    .action((policy: string, { wait = false }: { wait?: boolean }) => run((context) => backup(policy, wait, context)))
}

async function backup(policy: string, wait: boolean, context: Context): Promise<number> {
  const config = await readConfig(context.configFile)
  const { request, answer, begun, set } = await askFor(policy, wait, config, context)
  if (!answer) {
    const how = begun ? 'has begun it' : 'has not begun it yet; holdfast plan says what it waits for'
    print(context, { request: request.id }, `Asked for a run of ${policy} (request ${request.id}). The daemon ${how}.`)
    return exitCode.done
  }
  if (!set) throw problemOfAnswer(answer, policy, 'backup-failed')
  print(context, { request: request.id, set: setView(set) }, summariseSet(set))
  return codeOf(answer)
}

/** The progress is gone from the screen before anything else is printed there. */
async function askFor(
  policy: string,
  wait: boolean,
  config: Config,
  context: Context,
): Promise<Asked & { set: BackupSet | null }> {
  using progress = await progressOf(context, { isBrief: true })
  const [asked] = await ask([{ backup: policy }], config, asking(context, { wait, onProgress: progress.show }))
  if (!asked) throw new Problem('unexpected', { message: 'The request was not kept.' })
  using store = openStore(config.state, 'read', systemClock)
  const id = asked.answer?.set
  return { ...asked, set: id == null ? null : store.sets.get(id) }
}

function codeOf({ outcome }: Attempt): number {
  switch (outcome) {
    case 'done':
      return exitCode.done
    case 'partial':
      return exitCode.partly
    case 'refused':
      return exitCode.refused
    case 'failed':
    case 'interrupted':
      return exitCode.failed
  }
}

function print({ output, terminal }: Context, value: object, text: string): void {
  terminal.out(`${output === 'json' ? JSON.stringify(value) : text}\n`)
}
