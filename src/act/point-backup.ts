import { Problem } from '../base/problem.ts'
import type { ActionOf } from '../domain/action.ts'
import { requiredItems } from '../domain/inventory.ts'
import { copyList } from '../sets/copy-list.ts'
import { listCopies, pointTo } from '../sets/pointer.ts'
import type { Handler } from './handler.ts'
import { policyOf } from './desired-parts.ts'

/** Writes what stands in `current/` for who restores by hand: where each item is, and the set that `$Backup` refers to. */
export const pointBackup: Handler<ActionOf<'point-backup'>> = {
  async run(action, tools) {
    const { drivers, desired } = tools
    const known = tools.sets()
    const set = known.find(({ id }) => id === action.set)
    if (action.set !== null && !set)
      throw new Problem('set-unknown', { subject: action.set, message: 'The set is no longer on the share.' })
    const policy = policyOf(action.policy, tools)
    const { location } = policy
    await tools.ownership.hold(location, { deployment: desired.deployment.name, owner: tools.owner })
    const sets = { known, summaries: tools.observed().sets }
    const list = copyList(requiredItems(desired, policy), sets, drivers.clock.now())
    await listCopies(location, action.policy, list, drivers)
    if (set) await pointTo(location, action.policy, set, drivers)
    return { outcome: 'done', message: null, set: action.set }
  },

  // Each file is replaced as a whole: what they say now decides whether it is due again.
  resolve: (action) =>
    Promise.resolve({ outcome: 'interrupted', message: 'The daemon ended in the middle of it.', set: action.set }),
}
