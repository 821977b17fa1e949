import { userInfo } from 'node:os'
import { systemClock } from '../base/clock.ts'
import { systemRandom } from '../base/random.ts'
import type { AskOptions } from '../reconcile/asking.ts'
import type { Context } from './command.ts'
import { quietLog } from './open.ts'

/** How a command asks: as the user of this process. */
export function asking(context: Context, more: Pick<AskOptions, 'wait' | 'onProgress'>): AskOptions {
  return {
    clock: systemClock,
    random: systemRandom,
    log: quietLog(context),
    signal: context.terminal.signal,
    actor: userInfo().username,
    ...more,
  }
}
