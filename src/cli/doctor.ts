import { systemClock } from '../base/clock.ts'
import { toProblem } from '../base/problem.ts'
import { systemRandom } from '../base/random.ts'
import { readConfig, type Config } from '../config/config.ts'
import { examine } from '../doctor/examine.ts'
import { thisMachine } from '../doctor/machine.ts'
import type { Remembered } from '../doctor/surroundings.ts'
import { openDrivers } from '../drivers/drivers.ts'
import { openStore } from '../store/store.ts'
import { doctorView } from '../views/doctor.ts'
import type { AddCommand, Context } from './command.ts'
import { doctorInWords } from './doctor-text.ts'
import { exitCode } from './exit-codes.ts'
import { quietLog } from './open.ts'

export const addDoctor: AddCommand = (program, run) => {
  program
    .command('doctor')
    .option('--all', 'list every check with what was seen')
    .description('try every endpoint, right and path that the configuration needs; say what is wrong and what to do')
    .action(({ all }: { all?: boolean }) => run((context) => diagnose(all === true, context)))
}

async function diagnose(all: boolean, context: Context): Promise<number> {
  const { output, terminal } = context
  const config = await readConfig(context.configFile, 'leave')
  await using drivers = openDrivers(config, systemClock, systemRandom)
  using scope = new DisposableStack()
  const remembered = remember(config, scope)
  const surroundings = { config, drivers, remembered, machine: thisMachine, log: quietLog(context) }
  const results = await examine(surroundings, terminal.signal)
  terminal.out(output === 'json' ? `${JSON.stringify(doctorView(results))}\n` : doctorInWords(results, all, context))
  return results.some(({ outcome }) => outcome === 'failed') ? exitCode.failed : exitCode.done
}

/** A store that cannot be read is one of the things to tell. Closed with `scope`. */
function remember({ state }: Config, scope: DisposableStack): Remembered {
  try {
    const store = scope.use(openStore(state, 'read', systemClock))
    return {
      applied: store.memory().applied?.revision ?? null,
      knows: (location) => store.sets.ids(location).length > 0,
      written: store.heartbeats,
      problem: null,
    }
  } catch (thrown) {
    return { applied: null, knows: () => false, written: null, problem: toProblem(thrown, state) }
  }
}
