import { Problem } from '../base/problem.ts'
import { readConfig, type Config } from '../config/config.ts'
import type { Attempt } from '../domain/action.ts'
import { setView } from '../views/sets.ts'
import { ask, type Asked } from './ask.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { policyNamed } from './named.ts'
import { openForReading } from './open.ts'
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

async function backup(name: string, wait: boolean, context: Context): Promise<number> {
  const config = await readConfig(context.configFile)
  const policy = await policyMeant(name, context)
  const { request, answer } = await askFor(policy, wait, config, context)
  if (!answer) {
    print(context, { request: request.id }, `Asked the daemon for a run of ${policy} (request ${request.id}).`)
    return exitCode.done
  }
  await using reading = await openForReading(context)
  const set = reading.sets.find(({ id }) => id === answer.set)
  if (set) print(context, { request: request.id, set: setView(set) }, summariseSet(set))
  else
    throw new Problem(answer.outcome === 'refused' ? 'refused' : 'backup-failed', {
      subject: policy,
      message: answer.message ?? 'The run made no set.',
    })
  return codeOf(answer)
}

/** The progress is off the screen when this is done: its last clearing would erase what is printed before it. */
async function askFor(policy: string, wait: boolean, config: Config, context: Context): Promise<Asked> {
  using progress = progressOf(context, { isBrief: true })
  const [asked] = await ask([{ backup: policy }], config, context, { wait, onProgress: progress.show })
  if (!asked) throw new Problem('unexpected', { message: 'The request was not kept.' })
  return asked
}

async function policyMeant(name: string, context: Context): Promise<string> {
  await using reading = await openForReading(context)
  const policies = reading.desired?.policies ?? []
  return policyNamed(
    name,
    policies.map((policy) => policy.name),
  )
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
