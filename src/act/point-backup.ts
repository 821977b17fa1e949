import { Problem } from '../base/problem.ts'
import { pointTo } from '../sets/pointer.ts'
import type { ActionOf } from '../domain/action.ts'
import type { Handler } from './handler.ts'
import { policyOf } from './desired-parts.ts'

/** Moves `$Backup`: `current/<policy>.txt` names the newest whole, complete set. */
export const pointBackup: Handler<ActionOf<'point-backup'>> = {
  async run(action, tools) {
    const set = tools.sets().find(({ id }) => id === action.set)
    if (!set) throw new Problem('set-unknown', { subject: action.set, message: 'The set is no longer on the share.' })
    const { location } = policyOf(action.policy, tools)
    await tools.ownership.hold(location, { deployment: tools.desired.deployment.name, owner: tools.owner })
    await pointTo(location, action.policy, set, tools.drivers)
    return { outcome: 'done', message: null, set: action.set }
  },

  // The pointer is replaced as a whole: where it is now decides whether it is due again.
  resolve: (action) =>
    Promise.resolve({ outcome: 'interrupted', message: 'The daemon ended in the middle of it.', set: action.set }),
}
