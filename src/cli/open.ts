import { systemClock } from '../base/clock.ts'
import { createLog, type Log } from '../base/log.ts'
import { systemRandom } from '../base/random.ts'
import { readSettings } from '../config/config.ts'
import { openReading, type Reading } from '../reconcile/reading.ts'
import type { Context } from './command.ts'
import { withoutControls } from './table.ts'

/** What a command that reads answers from, by its configuration. */
export async function openForReading(context: Context): Promise<Reading> {
  const settings = await readSettings(context.configFile)
  const { signal } = context.terminal
  return await openReading(settings, { clock: systemClock, random: systemRandom, log: quietLog(context), signal })
}

/** The log of a command that answers once: what is wrong, in words. JSON tells it in the document itself. */
export function quietLog({ output, terminal }: Context): Log {
  const write = (line: string): void => {
    if (output === 'json') return
    const { msg, problem, faults } = JSON.parse(line) as { msg: string; problem?: string; faults?: string[] }
    const lines = [problem === undefined ? msg : `${msg}: ${problem}`, ...(faults ?? [])]
    terminal.err(`holdfast: ${lines.map(withoutControls).join('\n  ')}\n`)
  }
  return createLog({ write }, 'error')
}
