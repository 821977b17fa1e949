import { systemClock } from '../base/clock.ts'
import { systemRandom } from '../base/random.ts'
import { readConfig } from '../config/config.ts'
import { losable } from '../domain/loss/losable.ts'
import { distinct } from '../domain/subject.ts'
import { tryToday } from '../doctor/drill.ts'
import { thisMachine } from '../doctor/machine.ts'
import { openDrivers } from '../drivers/drivers.ts'
import { expectSnapshot } from '../reconcile/reading.ts'
import { drillOf, type DrillView } from '../views/drill.ts'
import type { AddCommand, Context } from './command.ts'
import { drillInMarkdown } from './drill-text.ts'
import { exitCode } from './exit-codes.ts'
import { subjectNamed, unknownSubject } from './named.ts'
import { openForReading, quietLog } from './open.ts'

export const addDrill: AddCommand = (program, run) => {
  program
    .command('drill')
    .argument('<server...>', 'a host, pool, database or file store; several: lost together')
    .description(
      'walk through its whole recovery on paper, as if it were lost now, and try each step as far as today allows; prints a Markdown report, changes nothing, ends 1 where the recovery would stop',
    )
    .action((typed: string[]) => run((context) => practise(typed, context)))
}

async function practise(typed: readonly string[], context: Context): Promise<number> {
  const view = await drill(typed, context)
  context.terminal.out(context.output === 'json' ? `${JSON.stringify(view)}\n` : drillInMarkdown(view))
  return view.outcome === 'stops' ? exitCode.failed : exitCode.done
}

async function drill(typed: readonly string[], context: Context): Promise<DrillView> {
  await using reading = await openForReading(context)
  const parts = expectSnapshot(reading)
  const names = losable(parts.desired)
  const snapshot = { ...parts, sets: reading.sets }
  const subjects = distinct(typed.map((one) => subjectNamed(one, names)))
  const found = drillOf(snapshot, subjects)
  if (found === null) throw unknownSubject(subjects.find((one) => drillOf(snapshot, [one]) === null) ?? '', names)
  const config = await readConfig(context.configFile, 'leave')
  await using drivers = openDrivers(config, systemClock, systemRandom)
  const { store } = reading
  const remembered = {
    applied: store.memory().applied?.revision ?? null,
    knows: (location: string) => store.sets.ids(location).length > 0,
    written: store.heartbeats,
    problem: null,
  }
  const surroundings = { config, drivers, remembered, machine: thisMachine, log: quietLog(context) }
  return found.view(await tryToday(found, parts.desired, surroundings, context.terminal.signal))
}
