import type { Finding } from '../../domain/statement.ts'
import type { Fresh } from '../standing.ts'
import { userRuns } from '../recovery/user-runs.ts'
import type { FindingRule } from './rule.ts'

/** A `Recovery` of one user that is not run, or that did not end well: until it does, or is removed. */
export const usersNotRestored: FindingRule = {
  codes: ['user-not-restored'],
  find: (digest) =>
    userRuns(digest).flatMap(
      ({ recovery: { name, user, pool, from }, state, why, tries, verify }): Fresh<Finding>[] => {
        const last = tries.findLast(({ outcome }) => outcome !== 'interrupted')
        const reasons =
          state === 'refused' && verify === null ? why : state === 'due' && last ? [last.message ?? ''] : []
        if (reasons.length === 0) return []
        return [
          {
            ...{ code: 'user-not-restored', severity: state === 'due' ? 'error' : 'warning', subject: user },
            ...{ desired: `as in ${from}`, observed: 'not restored' },
            message: `Recovery ${name} of ${user} in ${pool} was not run to its end: ${reasons.join(' ')}`,
            remedy: `holdfast restore user ${user} shows what the sets hold.`,
          },
        ]
      },
    ),
}
