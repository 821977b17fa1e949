import { readConfig } from '../config/config.ts'
import { ask } from '../reconcile/asking.ts'
import { problemOfAnswer } from './answered.ts'
import { asking } from './asking.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'

export const addTakeOver: AddCommand = (program, run) => {
  program
    .command('take-over')
    .argument('<location>', 'name of a BackupLocation')
    .description('make this daemon the owner of a location that another one owned')
    .action((location: string) => run((context) => takeOver(location, context)))
}

async function takeOver(location: string, context: Context): Promise<number> {
  const config = await readConfig(context.configFile)
  const [asked] = await ask([{ takeOver: location }], config, asking(context, { wait: true }))
  if (asked?.answer?.outcome !== 'done') throw problemOfAnswer(asked?.answer, location, 'take-over-failed')
  const { message } = asked.answer
  context.terminal.out(
    context.output === 'json'
      ? `${JSON.stringify({ location, owner: config.owner, message })}\n`
      : `${location} belongs to this daemon now.\n${message === null ? '' : `${message}\n`}`,
  )
  return exitCode.done
}
