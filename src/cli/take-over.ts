import { Problem } from '../base/problem.ts'
import { readConfig } from '../config/config.ts'
import { ask } from './ask.ts'
import type { AddCommand, Context } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { openForReading } from './open.ts'

export const addTakeOver: AddCommand = (program, run) => {
  program
    .command('take-over')
    .argument('<location>', 'name of a BackupLocation')
    .description('make this daemon the owner of a location that another one owned')
    .action((location: string) => run((context) => takeOver(location, context)))
}

async function takeOver(name: string, context: Context): Promise<number> {
  const config = await readConfig(context.configFile)
  const location = await locationNamed(name, context)
  const [asked] = await ask([{ takeOver: location }], config, context, { wait: true })
  const answer = asked?.answer
  if (answer?.outcome !== 'done')
    throw new Problem(answer?.outcome === 'refused' ? 'refused' : 'take-over-failed', {
      subject: location,
      message: answer?.message ?? 'The location was not taken over.',
      hint: 'holdfast status tells what is known of the location.',
    })
  context.terminal.out(
    context.output === 'json'
      ? `${JSON.stringify({ location, owner: config.owner })}\n`
      : `${location} belongs to this daemon now.\n`,
  )
  return exitCode.done
}

async function locationNamed(name: string, context: Context): Promise<string> {
  await using reading = await openForReading(context)
  const names = (reading.desired?.locations ?? []).map((location) => location.name)
  const found = names.find((one) => one.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw new Problem('unknown-location', {
    subject: name,
    message: 'There is no backup location of that name.',
    hint: `The locations are: ${names.join(', ') || 'none'}.`,
  })
}
